/**
 * Writes as many older sessions as a test wants.
 *
 * @module
 */

import { SHAPES, writeOlder } from "./older_records.ts";
import { at, SESSIONS } from "./older_samples.ts";
import type { PlacedStore } from "./places.ts";

/** Whose sessions they are, in turn. */
export const USERS: readonly string[] = ["u0", "u1", "u2"];

/** Writes sessions s0, s1, ... in all shapes, and returns the store. */
export async function writeMany(
  opened: Promise<PlacedStore>,
  count: number,
): Promise<PlacedStore> {
  const store = await opened;
  await Promise.all(
    Array.from(
      { length: count },
      (_, i) =>
        writeOlder(store, SHAPES[i % SHAPES.length]!, {
          ...SESSIONS[0],
          id: `s${i}`,
          userId: USERS[i % USERS.length]!,
          createdAt: at(i % 7),
          lastActivityAt: at(i % 11),
          ...(i % 2 === 0 ? { expiresAt: at(i % 5) } : {}),
        }),
    ),
  );
  return store;
}

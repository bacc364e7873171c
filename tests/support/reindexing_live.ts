/**
 * What rebuilding the indexes does while others write.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { assertIndexed } from "./indexes.ts";
import { LiveTraffic, USERS } from "./live_traffic.ts";
import { SHAPES, writeOlder } from "./older_records.ts";
import { SESSIONS } from "./older_samples.ts";
import type { Place, PlacedOptions } from "./places.ts";
import { TestBed } from "./test_bed.ts";

/** Older sessions at first; as many more come as go. */
const SESSIONS_AT_FIRST = 60;
/** Stores that are tried, each with other interleavings. */
const ROUNDS = 4;
const REINDEXES_LEAST = 4;
const WRITES_LEAST = 600;

/** Declares the tests in one place. */
export function describeLiveReindex(name: string, place: Place): void {
  describe(`reindex() ${name} beside live traffic`, () => {
    const bed = new TestBed();
    afterAll(() => bed.close());

    for (const options of [{}, { ttlSeconds: 1000 }]) {
      it(`finds each session once, ${JSON.stringify(options)}`, async () => {
        for (let round = 0; round < ROUNDS; round++) await play(options);
      });
    }

    async function play(options: PlacedOptions): Promise<void> {
      const store = await place(bed, options);
      const ids = Array.from({ length: SESSIONS_AT_FIRST }, (_, i) => `s${i}`);
      for (const [i, id] of ids.entries()) {
        const shape = SHAPES[i % SHAPES.length]!;
        const userId = USERS[i % USERS.length]!;
        await writeOlder(store, shape, { ...SESSIONS[0], id, userId });
      }
      const traffic = new LiveTraffic(store, ids);
      try {
        for (
          let runs = 0;
          runs < REINDEXES_LEAST || traffic.writes < WRITES_LEAST;
          runs++
        ) assertEquals((await store.storage.reindex()).isComplete, true);
      } finally {
        await traffic.end();
      }
      assert(traffic.deleted.size > 0);
      for (const id of traffic.deleted) {
        assertEquals(await store.storage.getSession(id), null);
      }
      // Nothing of them came back.
      const left = (await store.keys()).filter((key) =>
        traffic.deleted.has(
          /^(?:session|message):\{?([sn]\d+)\b/.exec(key)?.[1] ?? "",
        )
      );
      assertEquals(left, []);
      await assertIndexed(store, USERS);
    }
  });
}

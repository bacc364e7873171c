/**
 * How a record is told that no adapter wrote.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { StorageError } from "@reaatech/session-continuity-storage-redis";
import type { TestStore } from "./test_bed.ts";

/** Fails unless the call fails as a corrupt record does, naming the key. */
export async function assertCorrupt(
  store: Pick<TestStore, "prefix">,
  call: () => Promise<unknown>,
  key: string,
): Promise<void> {
  const error = await assertRejects(call, StorageError, "Cannot ");
  assertEquals(error.reason, "corrupt-data", error.message);
  assertStringIncludes(error.message, JSON.stringify(store.prefix + key));
  assert(error.cause !== undefined);
}

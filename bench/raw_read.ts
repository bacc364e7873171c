/**
 * The command that reads a history, and nothing else: what the adapter adds to
 * it is the difference.
 *
 * @module
 */

import { createClient } from "redis";
import { adapter } from "./contenders/adapter.ts";
import { connected } from "./contenders/contender.ts";
import { filled } from "./message_rows.ts";
import { sampleMessages } from "./messages.ts";
import type { Side } from "./pairs.ts";

/** Reads as many messages by the command of node-redis, and decodes none. */
export function rawRead(count: number): Side {
  return async (url, keyPrefix, seed) => {
    const contender = await adapter.connect(url, keyPrefix);
    const id = await filled(contender, sampleMessages(count, seed));
    const client = await connected(createClient({ url }));
    const message = `${keyPrefix}message:*`;
    const work = {
      call: () =>
        client.sortRo(`${keyPrefix}session:${id}:messages`, {
          BY: "nosort",
          GET: `${message}->message`,
        }),
      check: (cells: unknown) => (cells as unknown[]).length === count,
    };
    return {
      work,
      close: () => Promise.all([client.close(), contender.close()]),
    };
  };
}

/**
 * Defects of appends.
 *
 * @module
 */

import type { MutatedFile } from "./mutant.ts";

/** By the files of an append at once, then of one in parts. */
export const APPENDS: readonly MutatedFile[] = [
  {
    file: "src/scripts/append_messages.ts",
    tests: ["ordering"],
    mutants: [
      {
        name: "an append within a millisecond does not move on",
        text: "score = score + 1",
      },
      {
        name: "an append goes by the server's clock alone",
        text: "math.max(now, last_score)",
        instead: "now",
      },
      {
        name: "messages of one append share a moment",
        text: "last_score = score\n",
        instead: "\n",
      },
      {
        name: "an append does not note the last sequence",
        text: '"lastSequence", whole(sequence), ',
      },
      {
        name: "an append has been active before its own message",
        text: '"lastActivityAt", whole(last_score))',
        instead: '"lastActivityAt", whole(now))',
      },
      {
        name: "an append from the future is put by activity too early",
        text: "if last_score > now then note_activity(last_score, id) end",
        tests: ["index_upkeep"],
      },
      {
        name: "an append writes a message that never ends",
        text: 'if moment then redis.call("PEXPIREAT", key, moment) end',
        tests: ["ttl"],
      },
      {
        name: "an append starts no TTL again",
        text: "slide(user, plan)",
        tests: ["ttl"],
      },
      {
        name: "an append without a TTL begins an order that never ends",
        text: 'redis.call("PEXPIREAT", messages, whole(now + left))',
        tests: ["ttl_sharing"],
      },
      {
        name: "an append writes into what an orphan left",
        text: 'if orphans[i] then redis.call("UNLINK", key) end',
        tests: ["message_ids", "older_neighbours"],
      },
      {
        name: "an append goes on beside a message that cannot be read",
        text: "if #known > 0 and not is_readable then",
        instead: "if false then",
        tests: ["corrupt_messages"],
      },
      {
        name: "an append that has an id twice returns the message after it",
        text: "Number(second) - 1",
        instead: "Number(second)",
      },
      {
        name: "an append adds an id twice that it has twice",
        text: "if first[message_id] then",
        instead: "if false then",
      },
    ],
  },
  {
    file: "src/scripts/prelude/append.ts",
    tests: ["message_ids"],
    mutants: [
      {
        name: "an append takes another session's message for its own",
        text: "if (named == nil or named == id) and redis",
        instead: "if redis",
        tests: ["missing_messages"],
      },
      {
        name: "an append cannot have the id of a session that is gone",
        text: ' and redis.call("EXISTS", session_key(named)) == 1',
      },
      {
        name: "an append cannot have the id that another order has lost",
        text: 'redis.call("ZSCORE", messages_key(named), message_id)',
        instead: "true",
      },
      {
        name: "an append takes the id that another one has staged",
        text: 'redis.pcall("HEXISTS", session_key(named), "staged") == 1',
        instead: "false",
        tests: ["large_append"],
      },
    ],
  },
  {
    file: "src/scripts/stage_messages.ts",
    tests: ["large_append"],
    mutants: [
      {
        name: "a part is staged after another append",
        text: 'then return {"overtaken"} end',
        instead: "then end",
      },
    ],
  },
  {
    file: "src/scripts/add_staged.ts",
    tests: ["large_append"],
    mutants: [
      {
        name: "staged messages are added after another append",
        text: "if stored[4] ~= marker then",
        instead: "if false then",
      },
    ],
  },
  {
    file: "src/scripts/drop_staged.ts",
    tests: ["large_append"],
    mutants: [
      {
        name: "a failed append leaves what it staged",
        text: 'redis.call("UNLINK", KEYS[i])',
        instead: "local _",
      },
    ],
  },
];

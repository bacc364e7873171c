/**
 * Defects of appends.
 *
 * @module
 */

import type { MutatedFile } from "./mutant.ts";

/** By their files; large_appends.ts and staged_appends.ts have those of an append in parts. */
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
        name: "a message of an append never moves on",
        text: 'string.sub(steps, i, i) == "1"',
        instead: "true",
      },
      {
        name: "a message of an append follows one that was there",
        text: "if added[n - 1] ~= i - 1 then",
        instead: "if n == 1 then",
      },
      {
        name: "an append forgets those before one that it has placed",
        text: "score, message_id, unpack(entries))",
        instead: "score, message_id)",
      },
      {
        name: "an append looks for its first id alone",
        text: "unpack(KEYS, 3, 2 + count)",
        instead: "KEYS[3]",
        tests: ["message_ids"],
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
        text: '"lastSequence", number, ',
      },
      {
        name: "an append has been active before its own message",
        text: '"lastActivityAt", created_at)',
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
        name: "an append leaves a larger one its place",
        text: 'if stored[4] then redis.call("HDEL", session, "staged") end',
        tests: ["large_append_races"],
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
        name: "an append counts the sequences of what it did not add",
        text: "? ++sequence : sequence",
        instead: "? ++sequence : ++sequence",
      },
      {
        name: "an append that has an id twice returns the message after it",
        text: "Number(reply[1]) - 1",
        instead: "Number(reply[1])",
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
        text:
          'type(redis.pcall("HGET", session_key(named), "staged")) == "string"',
        instead: "false",
        tests: ["large_append_races"],
      },
      {
        name: "an append takes a broken order for no end of it",
        text: 'if score + count > 8.64e15 then return nil, nil, {"corrupt"',
        instead: 'if false then return nil, nil, {"corrupt"',
        tests: ["ordering"],
      },
      {
        name: "an append counts from a count that is none",
        text: "if not sequence or sequence < 0 then",
        instead: "if not sequence then",
        tests: ["large_append_refusals"],
      },
      {
        name: "an append takes what another key holds for nothing",
        text: "if wrong then return nil, wrong end",
        instead: 'if wrong then return "none" end',
        tests: ["large_append_refusals"],
      },
    ],
  },
];

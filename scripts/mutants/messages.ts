/**
 * Defects of the scripts that read, update and delete messages.
 *
 * @module
 */

import type { MutatedFile } from "./mutant.ts";

/** Defects of scripts of src/scripts/ that are about messages. */
export const MESSAGES: readonly MutatedFile[] = [
  {
    file: "src/scripts/message_row.ts",
    tests: ["missing_messages"],
    mutants: [
      {
        name: "a message that is gone is an older one",
        text: "if #flat == 0 or (",
        instead: "if (",
      },
      {
        name: "another session's message is reported",
        text:
          "if not tagged and names_other(owner, session_id) then return nil end",
      },
      {
        name: "another session's older message is reported",
        text:
          " or (not tagged and older.sessionId and older.sessionId ~= session_id)",
      },
      {
        name: "a record that names another message is returned",
        text:
          'if (message.id !== id) throw invalid("id", show(id), message.id);',
        tests: ["corrupt_messages"],
      },
      {
        name: "a broken message is left out in silence",
        text: "store.onCorrupt(error);",
        tests: ["corrupt_messages"],
      },
      {
        name: "a message of another type is passed over",
        text: "if wrong then return wrong end",
        instead: "if wrong then return nil end",
        tests: ["corrupt_messages"],
      },
      {
        name: "older messages lose their role",
        text: "older.role, older.createdAt",
        instead: "nil, older.createdAt",
        tests: ["older_data"],
      },
    ],
  },
  {
    file: "src/scripts/read_message.ts",
    tests: ["missing_messages"],
    mutants: [
      {
        name: "a message need not be in its session's order",
        text: "local row = score and row_of(",
        instead: "local row = row_of(",
      },
      {
        name: "an order of another type has no message",
        text: "if wrong then return wrong end",
        tests: ["corrupt_sessions"],
      },
    ],
  },
  {
    file: "src/scripts/prelude/history.ts",
    tests: ["missing_messages"],
    mutants: [
      {
        name: "a read takes another session's message for its own",
        text: " and string.sub(record, 1, #own) == own",
      },
      {
        name: "a part has one record for all",
        text: "records[#ids] = found[i + 1]",
        instead: "records[#ids] = found[2]",
        tests: ["message_format"],
      },
      {
        name: "each part of a history is the first one",
        text: '"LIMIT", start, count',
        instead: '"LIMIT", 0, count',
      },
      {
        name: "a sort is tried that was refused before",
        text: "if may_sort and own and not apart",
        instead: "if own and not apart",
        tests: ["wire_costs"],
      },
      {
        name: "a read cannot do without a sort",
        text: "if not found.err then",
        instead: "if true then",
        tests: ["access"],
      },
      {
        name: "a part without records is one short",
        text: "start + count - 1)",
        instead: "start + count - 2)",
        tests: ["cluster_conformance"],
      },
    ],
  },
  {
    file: "src/scripts/read_messages.ts",
    tests: ["missing_messages"],
    mutants: [
      {
        name: "a read leaves ids whose message is gone",
        text: 'redis.pcall("ZREM", messages, message_id)',
        instead: "local _ = message_id",
      },
      {
        name: "a filter passes over what it cannot read",
        text: 'if not ROLES[role or ""] or not ms or',
        instead: "if ms and",
        tests: ["corrupt_messages"],
      },
      {
        name: "a read passes over a message between two parts",
        text: "start = start + count\n",
        instead: "start = start + count + 1\n",
      },
      {
        name: "a read ends where a part has less than can be wanted",
        text: "#ids < count then break",
        instead: "#ids < 200 then break",
      },
      {
        name: "a filtered read starts no TTL again",
        text: "local more = slide_on_read()",
        instead: "local more",
        tests: ["ttl"],
      },
      {
        name: "a sort is asked although the read is to start the TTL again",
        text: "!store.refreshTtlOnRead && ",
        tests: ["ttl"],
      },
      {
        name: "a sort is asked although its pattern is wrong",
        text: "store.keys.canSortBy(sessionId)",
        instead: "true",
        tests: ["round_trips"],
      },
      {
        name: "a sort passes over older messages",
        text: "if (record == null) return undefined;",
        instead: "if (record == null) continue;",
        tests: ["older_data"],
      },
    ],
  },
  {
    file: "src/scripts/count_messages.ts",
    tests: ["redis_conformance"],
    mutants: [
      {
        name: "a count is of orders, not of messages",
        text: 'redis.call("ZCARD", messages)',
        instead: 'redis.call("EXISTS", messages)',
        tests: ["missing_messages"],
      },
      {
        name: "a count does not name the key of another type",
        text: "if wrong then return wrong end",
        tests: ["corrupt_sessions"],
      },
      {
        name: "a count asks the server twice",
        text: 'return {"ok", redis.call("ZCARD", messages)}',
        instead:
          'redis.call("ZCARD", messages) return {"ok", redis.call("ZCARD", messages)}',
        tests: ["wire_costs"],
      },
    ],
  },
  {
    file: "src/scripts/update_message.ts",
    tests: ["message_format"],
    mutants: [
      {
        name: "an update of a message loses the content that it leaves alone",
        text: "(set.content or parts.content)",
        instead: '(set.content or "")',
      },
      {
        name: "an update of a message keeps the tokenCount that it removes",
        text: '(removed.tokenCount and "null") or ',
      },
      {
        name: "a message that was updated cannot be updated again",
        text: ' or string.find(updated_at, "^%-?%d+$")',
      },
      {
        name: "a message with metadata cannot be updated",
        text: ' or string.find(parts.metadata, "^,{.*}$")',
      },
      {
        name: "a message of little tokenCount cannot be updated",
        text: '"^%-?%d[%d.eE+-]*$"',
        instead: '"^%d+$"',
      },
      {
        name: "a broken tokenCount goes by",
        text:
          '(parts.tokens == "null" or string.find(parts.tokens, "^%-?%d[%d.eE+-]*$"))',
        instead: "parts.tokens",
        tests: ["corrupt_messages"],
      },
      {
        name: "an update writes to attributes of another message",
        text:
          "if not rest or string.sub(rest, 1, #id_json) ~= id_json then return nil end",
        instead: "if not rest then return nil end",
        tests: ["corrupt_messages"],
      },
      {
        name: "an edit leaves no token",
        text: 'redis.call("HSET", session, "revision", ARGV[6])',
        tests: ["history_cache"],
      },
      {
        name: "an update of a message reaches another session's",
        text: 'redis.call("ZSCORE", messages, message_id) and row_of(',
        instead: "row_of(",
        tests: ["missing_messages"],
      },
      {
        name: "an update of a message of an expired session succeeds",
        text: "left ~= -2 and redis",
        instead: "redis",
        tests: ["missing_messages"],
      },
      {
        name: "an update of an older message removes nothing",
        text: 'redis.call("HDEL", message, name)',
        instead: "local _ = name",
        tests: ["older_data"],
      },
      {
        name: "an update of a message starts no TTL again",
        text: "if plan then slide(user, plan) end",
        tests: ["ttl"],
      },
      {
        name: "an update of a message is sent again",
        text: "repeats: false,",
        tests: ["retries"],
      },
    ],
  },
  {
    file: "src/scripts/delete_messages.ts",
    tests: ["storage_format"],
    mutants: [
      {
        name: "a delete of a message leaves its hash",
        text: "unlink_messages(id, ids)",
        tests: ["ttl", "isolation"],
      },
      {
        name: "a delete makes a session of nothing",
        text: "if left ~= -2 then redis.pcall",
        instead: "if true then redis.pcall",
        tests: ["ttl"],
      },
      {
        name: "a delete of messages starts no TTL again",
        text: "if plan then",
        instead: "if false then",
        tests: ["ttl"],
      },
    ],
  },
];

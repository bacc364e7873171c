/**
 * Defects of the scripts of appends in parts.
 *
 * @module
 */

import type { MutatedFile } from "./mutant.ts";

/** By their files. */
export const STAGED_APPENDS: readonly MutatedFile[] = [
  {
    file: "src/scripts/stage_messages.ts",
    tests: ["large_append_races"],
    mutants: [
      {
        name: "a part is staged after another append",
        text: 'if not is_free then return {"overtaken", staged} end',
      },
      {
        name: "a part cannot be sent again",
        text: "staged == marker_of(part - 1) or staged == marker_of(part)",
        instead: "staged == marker_of(part - 1)",
        tests: ["large_append_faults"],
      },
      {
        name: "a first part cannot be sent again",
        text: ' or string.sub(staged, 1, #token + 1) == token .. ":"',
        tests: ["large_append_faults"],
      },
      {
        name: "a large append takes the place of one that goes on",
        text: "is_free = not staged or staged == seen or",
        instead: "is_free = true or",
        tests: ["large_append_rivals"],
      },
      {
        name: "a large append waits for one that died",
        text: "not staged or staged == seen or",
        instead: "not staged or",
        tests: ["large_append_rivals"],
      },
      {
        name: "what is staged does not say where it begins",
        text: '":" .. whole(start) .. ":" .. whole(sequence)',
        instead: '":0:" .. whole(sequence)',
        tests: ["large_append"],
      },
      {
        name: "a part is staged beside what the session has",
        text: 'if #known > 0 then return {"known", unpack(known)} end',
        tests: ["large_append"],
      },
      {
        name: "a large append begins before the session's last message",
        text: "math.max(now, last_score + 1)",
        instead: "now",
        tests: ["large_append"],
      },
      {
        name: "a large append begins in the moment of the last message",
        text: "math.max(now, last_score + 1)",
        instead: "math.max(now, last_score)",
        tests: ["large_append"],
      },
      {
        name: "a large append has messages after the last date",
        text: "if start + tonumber(ARGV[10 + 2 * count]) > 8.64e15 then",
        instead: "if false then",
        tests: ["large_append"],
      },
      {
        name: "only the first message of a part has to have a date",
        text: "tonumber(ARGV[10 + 2 * count])",
        instead: "tonumber(ARGV[12])",
        tests: ["large_append"],
      },
      {
        name: "nothing tells that a part is staged",
        text: 'redis.call("HSET", session, "staged", marker_of(part))',
      },
      {
        name: "a part starts no TTL again",
        text: "slide(user, plan)",
        tests: ["large_append_ttl"],
      },
      {
        name: "a part writes into what an orphan left",
        text: 'for _, key in ipairs(orphans) do redis.call("UNLINK", key) end',
      },
      {
        name: "a part takes another session's id",
        text: "if not found then return detail end",
        instead: 'found = found or "orphan"',
      },
      {
        name: "staged messages are numbered in each part anew",
        text: "whole(sequence + before + i)",
        instead: "whole(sequence + i)",
        tests: ["large_append"],
      },
      {
        name: "staged messages are dated alike",
        text: "whole(start + tonumber(ARGV[at]))",
        instead: "whole(start)",
        tests: ["large_append"],
      },
      {
        name: "staged messages never end",
        text: 'if expires ~= "" then redis.call("PEXPIREAT", key, expires) end',
        tests: ["large_append_ttl"],
      },
    ],
  },
  {
    file: "src/scripts/add_staged.ts",
    tests: ["large_append_races"],
    mutants: [
      {
        name: "staged messages are added after another append",
        text: "if stored[4] ~= marker then",
        instead: "if false then",
      },
      {
        name: "an add that was made already is made again",
        text: 'return are_all_added() and {"ok"} or',
        instead: "return",
        tests: ["large_append_faults"],
      },
      {
        name: "an add that was overtaken counts as made",
        text: 'return are_all_added() and {"ok"} or',
        instead: 'return {"ok"} or',
      },
      {
        name: "an add takes one message for a sign of all",
        text: "for at = from, #ARGV, 2 do",
        instead: "for at = from, from, 2 do",
        tests: ["large_append_faults"],
      },
      {
        name: "an add takes a message with another date for its own",
        text: "if not score or tonumber(score) ~= tonumber(ARGV[at]) then",
        instead: "if not score then",
      },
      {
        name: "a known message may be removed before the add",
        text: "for at = 8, from - 1 do",
        instead: "for at = 8, 7 do",
      },
      {
        name: "staged messages are added that end too early",
        text: 'if not is_timely then return {"overtaken", marker} end',
        tests: ["large_append_ttl"],
      },
      {
        name: "staged messages are added that end otherwise than the rest",
        text: "and (expires == nil or math.abs(plan.moment - expires) <= 1)",
        tests: ["large_append_ttl"],
      },
      {
        name: "an add does not move its session by activity",
        text: "wrong = note_activity(math.max(now, last_score), id)",
        tests: ["large_append"],
      },
      {
        name: "an add puts its session by activity before its messages",
        text: "note_activity(math.max(now, last_score), id)",
        instead: "note_activity(now, id)",
        tests: ["large_append"],
      },
      {
        name: "an add has been active before its own messages",
        text: "local active_at = whole(math.max(now, last_score))",
        instead: "local active_at = whole(now)",
        tests: ["large_append"],
      },
      {
        name: "an add leaves out messages between two commands",
        text: "for at = from, #ARGV, 1000 do",
        instead: "for at = from, #ARGV, 1002 do",
        tests: ["large_append"],
      },
      {
        name: "an add does not note the last sequence",
        text: '"lastSequence", ARGV[6], ',
        tests: ["large_append"],
      },
      {
        name: "an add does not note when the session was active",
        text: ', "lastActivityAt", active_at)',
        instead: ")",
        tests: ["large_append"],
      },
      {
        name: "an add leaves its mark",
        text: 'redis.call("HDEL", session, "staged")',
        tests: ["large_append"],
      },
      {
        name: "an add starts no TTL again",
        text: "slide(user, plan)",
        tests: ["large_append_ttl"],
      },
      {
        name: "an add without a TTL begins an order that never ends",
        text: 'redis.call("PEXPIREAT", messages, whole(now + left))',
        tests: ["large_append_ttl"],
      },
    ],
  },
  {
    file: "src/scripts/drop_staged.ts",
    tests: ["large_append_faults"],
    mutants: [
      {
        name: "a failed append leaves what it staged",
        text: 'redis.call("UNLINK", key)',
        instead: "local _",
      },
      {
        name: "a failed append removes what is in the order",
        text: 'not redis.call("ZSCORE", messages, message_id) and',
        instead: "",
      },
      {
        name: "a failed append removes another session's message",
        text: "owner_of(key) == id and",
        tests: ["large_append_races"],
      },
      {
        name: "a failed append removes what another one stages",
        text: "(not start or is_older(key))",
        instead: "true",
        tests: ["large_append_rivals"],
      },
      {
        name: "a failed append leaves what it staged beside another one",
        text: "(not start or is_older(key))",
        instead: "not start",
        tests: ["large_append_rivals"],
      },
      {
        name: "a failed append ends another one",
        text: "if is_own then redis",
        instead: "if staged then redis",
        tests: ["large_append_rivals"],
      },
      {
        name: "a failed append leaves its mark",
        text: 'if is_own then redis.call("HDEL", session, "staged") end',
      },
    ],
  },
];

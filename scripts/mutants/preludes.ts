/**
 * Defects of the Lua that scripts share.
 *
 * @module
 */

import type { MutatedFile } from "./mutant.ts";

/** Defects of src/scripts/prelude/. */
export const PRELUDES: readonly MutatedFile[] = [
  {
    file: "src/scripts/prelude/base.ts",
    tests: ["ordering"],
    mutants: [
      {
        name: "the clock knows whole seconds only",
        text: " + math.floor(time[2] / 1000)",
      },
      {
        name: "only the first key's type is checked",
        text: "for i = 1, #wanted, 2 do",
        instead: "for i = 1, 2, 2 do",
        tests: ["corrupt_indexes"],
      },
      {
        name: "a refusal inside of a script is taken for nothing",
        text:
          'if not string.find(reply.err, "WRONGTYPE", 1, true) then error(reply.err, 0) end',
        tests: ["access"],
      },
      {
        name: "the last pair of a flat reply is lost",
        text: "for i = 1, #flat, 2 do",
        instead: "for i = 1, #flat - 2, 2 do",
        tests: ["storage_format"],
      },
    ],
  },
  {
    file: "src/scripts/prelude/indexes.ts",
    tests: ["index_upkeep"],
    mutants: [
      {
        name: "a write does not move its session by activity",
        text: 'redis.pcall("ZADD", by_activity, moment',
        instead: 'redis.pcall("ZADD", by_activity, "NX", moment',
      },
      {
        name: "an entry is added, but never moved",
        text: 'redis.call("ZADD", index, score',
        instead: 'redis.call("ZADD", index, "NX", score',
        tests: ["redis_conformance"],
      },
      {
        name: "a deadline does not name the user",
        text: '.. session_id .. (user or "")',
        instead: ".. session_id",
        tests: ["storage_format"],
      },
      {
        name: "a deadline counts its id one short",
        text: 'return #session_id .. ":"',
        instead: 'return (#session_id - 1) .. ":"',
        tests: ["storage_format"],
      },
      {
        name: "the set of a user stays mortal with a session that is not",
        text: 'if left >= 0 then redis.call("PERSIST", key) end',
        tests: ["ttl_sharing"],
      },
      {
        name: "the set of a user ends with the session that ends first",
        text: "now + left < moment",
        instead: "now + left > moment",
        tests: ["ttl_sharing"],
      },
      {
        name: "the set of a user never ends",
        text: "left == -2 or (left >= 0",
        instead: "(left >= 0",
        tests: ["ttl"],
      },
      {
        name: "a session of no user stays in the set of the user of that name",
        text: 'try_write("SREM", user_key(user or ""), session_id)',
        instead:
          'if user then try_write("SREM", user_key(user), session_id) end',
      },
      {
        name: "a session that is gone stays by activity",
        text: "ipairs({by_created, by_activity, by_expiry})",
        instead: "ipairs({by_created, by_expiry})",
        tests: ["ttl"],
      },
      {
        name: "a session that is gone stays by its own deadline",
        text: "ipairs({by_created, by_activity, by_expiry})",
        instead: "ipairs({by_created, by_activity})",
        tests: ["storage_format", "ttl"],
      },
      {
        name: "a session that is gone keeps its deadline",
        text:
          'try_write("ZREM", by_deadline, deadline_member(session_id, user))',
        instead: 'try_write("ZREM", by_deadline, session_id)',
        tests: ["storage_format", "ttl"],
      },
      {
        name: "a sweep leaves out the first that is due",
        text: '"LIMIT", 0, most)',
        instead: '"LIMIT", 1, most)',
        tests: ["ttl"],
      },
      {
        name: "a sweep waits for messages that outlive their session",
        text: '"-inf", whole(now + slack)',
        instead: '"-inf", whole(now)',
      },
      {
        name: "a sweep takes the user's first letter for the id's last",
        text: "#size + 1 + tonumber(size))",
        instead: "#size + 2 + tonumber(size))",
        tests: ["ttl"],
      },
      {
        name: "a sweep forgets the user that an id had before",
        text: 'local is_moved = type(owner) == "string" and owner ~= user',
        instead: "local is_moved = false",
      },
      {
        name: "a sweep loses the deadline of who got more time",
        text: "if left < 0 or is_moved then",
        instead: "if left ~= -2 or is_moved then",
        tests: ["ttl"],
      },
      {
        name: "a sweep meets who got more time again and again",
        text: "whole(now + left + 1), member",
        instead: "whole(now), member",
        tests: ["ttl"],
      },
    ],
  },
  {
    file: "src/scripts/prelude/look.ts",
    tests: ["tags"],
    mutants: [
      {
        name: "a tag begins where another one ends",
        text: "first = string.find(text, '\"', last + 1, true)",
        instead: "first = string.find(text, '\"', last, true)",
      },
      {
        name: "an escaped quote ends a tag",
        text: "if is_escape then last = last + 1 end",
        instead: "is_escape = false",
      },
      {
        name: "only the last of several tags is asked for",
        text: "tags = tags or {}",
        instead: "tags = {}",
        tests: ["listing"],
      },
      {
        name: "the agent that is asked for does not matter",
        text: "or (agent and seen[at.activeAgentId] ~= agent)",
        instead: "",
        tests: ["listing"],
      },
      {
        name: "sessions of other users are listed, too",
        text: 'if user and seen[at.userId] ~= user then return "left" end',
        tests: ["large_lists"],
      },
      {
        name: "a session that is gone is reported",
        text: 'if redis.call("EXISTS", key) == 0 then return "gone" end',
        tests: ["listing"],
      },
      {
        name: "a status that is none is no fault",
        text: '(not STATUSES[seen[at.status]] and "status")',
        instead: "false",
        tests: ["corrupt_sessions"],
      },
      {
        name: "an order by creation goes by activity",
        text: 'ask.sort_by == "createdAt" and ms or',
        instead: 'ask.sort_by ~= "createdAt" and ms or',
        tests: ["large_lists"],
      },
      {
        name: "an agent with a control character breaks a row",
        text: " or has_mark(values[at_agent])",
        tests: ["listing"],
      },
      {
        name: "a user with a control character breaks a row",
        text: " or has_mark(values[at_user])",
        tests: ["listing"],
      },
      {
        name: "a field that is not there is empty",
        text: 'then values[i] = "${ABSENT}" end',
        instead: 'then values[i] = "" end',
        tests: ["listing"],
      },
    ],
  },
  {
    file: "src/scripts/prelude/message.ts",
    tests: ["message_format"],
    mutants: [
      {
        name: "the head of a message is looked for in its content too",
        text: 'string.match(record, "^[^\\\\n]*")',
        instead: "record",
        tests: ["corrupt_messages"],
      },
      {
        name: "an owner whose id has an escape cannot be read",
        text: '^%[(".-"),\'',
        instead: '^%[("[^"]*"),\'',
      },
      {
        name: "an unreadable owner is another session",
        text: "return named ~= nil and named ~= session_id",
        instead: "return named ~= session_id",
        tests: ["corrupt_messages"],
      },
      {
        name: "an escape in a session's id is read as it stands",
        text:
          ' and not string.find(owner, "\\\\\\\\", 1, true) then return false end',
        instead: " then return false end",
        tests: ["missing_messages"],
      },
      {
        name: "an older message has no owner",
        text: "return stored[2] or nil end",
        instead: "return nil end",
        tests: ["older_neighbours"],
      },
      {
        name: "another session's message counts as one's own",
        text: "return owner ~= nil and owner ~= session_id",
        instead: "return false",
        tests: ["missing_messages"],
      },
      {
        name: "an id with a quote is taken for another one",
        text: ` and not string.find(session_id, '["\\\\\\\\]')`,
        tests: ["missing_messages"],
      },
    ],
  },
  {
    file: "src/scripts/prelude/older.ts",
    tests: ["older_data"],
    mutants: [
      {
        name: "January belongs to its own year",
        text: "if m <= 2 then y = y - 1 end",
        instead: "if m < 1 then y = y - 1 end",
        tests: ["older_neighbours"],
      },
      {
        name: "February belongs to its own year",
        text: "if m <= 2 then",
        instead: "if m < 2 then",
        tests: ["older_neighbours"],
      },
      { name: "years have no leap day", text: " + math.floor(year / 4)" },
      {
        name: "every hundredth year has a leap day",
        text: " - math.floor(year / 100)",
        tests: ["older_neighbours"],
      },
      {
        name: "milliseconds of a date are lost",
        text: ' + tonumber(string.sub(part .. "000", 1, 3))',
      },
      { name: "a day is off", text: "719468", instead: "719467" },
    ],
  },
  {
    file: "src/scripts/prelude/session.ts",
    tests: ["ttl"],
    mutants: [
      {
        name: "messages are not told of a new moment",
        text: 'redis.call("PEXPIREAT", message_key(id, message_id), moment)',
      },
      {
        name: "the order of the messages does not start its TTL again",
        text: 'redis.call("PEXPIREAT", messages, ends)',
      },
      {
        name: "the session does not start its TTL again",
        text: 'redis.call("PEXPIREAT", session, ends)',
      },
      {
        name: "a moment is not noted",
        text: 'redis.call("HSET", session, "messagesExpireAt", moment)',
        tests: ["append_cost"],
      },
      {
        name: "the messages get no time beyond the session's",
        text: "return now + ttl + slack",
        instead: "return now + ttl",
        tests: ["append_cost"],
      },
      {
        name: "messages may end before their session",
        text: "moment >= now + ttl and",
        instead: "moment >= now and",
        tests: ["ttl_sharing"],
      },
      {
        name: "messages may outlive their session by any time",
        text: " and moment <= latest then",
        instead: " then",
        tests: ["ttl_sharing"],
      },
      {
        name: "a session whose TTL was taken away counts as one with a TTL",
        text: "if moment and left >= 0 and moment",
        instead: "if moment and moment",
        tests: ["ttl_sharing"],
      },
      {
        name: "an adapter without a TTL writes messages for good",
        text: "return {moment = left >= 0 and",
        instead: "return {moment = false and",
        tests: ["ttl_sharing"],
      },
      {
        name: "an adapter without a TTL counts from 1970",
        text: "math.max(moment or 0, now + left)",
        instead: "math.max(moment or 0, left)",
        tests: ["ttl_sharing"],
      },
      {
        name: "a later moment is not put by deadline",
        text: "add_hint(by_deadline, moment, deadline_member(id, user))",
        tests: ["ttl_sharing", "ttl_property"],
      },
      {
        name: "the user's set is not told of a later moment",
        text: "join_user(user, id, plan.moment, now) end",
        instead: "end",
        tests: ["ttl_sharing"],
      },
      {
        name: "a session that is not there is given a deadline",
        text: "if ttl == 0 or left == -2 then return end",
        instead: "if ttl == 0 then return end",
      },
      {
        name: "an older session of no user is the user's whose id is empty",
        text: 'if user == "" and not stored[3] then user = nil end',
        tests: ["older_neighbours"],
      },
      {
        name: "a read fails where its TTL cannot be written",
        text: "local ok, more = pcall(function()",
        instead:
          "local ok, more = (function(call) return true, call() end)(function()",
        tests: ["errors"],
      },
    ],
  },
  {
    file: "src/scripts/prelude/walk.ts",
    tests: ["redis_conformance"],
    mutants: [
      {
        name: "a cursor is looked for the wrong way round in a descending list",
        text: "return (at > score) ~= source.is_reversed end",
        instead: "return at > score end",
        tests: ["listing"],
      },
      {
        name: "a shorter id comes after a longer one",
        text: "return #a > #b",
        instead: "return #a < #b",
        tests: ["listing"],
      },
      {
        name: "the entry of the cursor comes again",
        text: "(member ~= id and is_after(member, id) ~= source.is_reversed)",
        instead: "(member == id or is_after(member, id) ~= source.is_reversed)",
        tests: ["large_lists"],
      },
      {
        name: "every hundredth entry is left out",
        text: "place = place + 100",
        instead: "place = place + 101",
        tests: ["large_lists"],
      },
      {
        name: "every hundredth entry comes twice",
        text: "place = place + 100",
        instead: "place = place + 99",
        tests: ["large_lists"],
      },
      {
        name: "a walk goes on from the first entry of a part",
        text: 'return whole(at) .. ":" .. part[i] end',
        instead: 'return whole(at) .. ":" .. part[1] end',
        tests: ["large_lists"],
      },
    ],
  },
];

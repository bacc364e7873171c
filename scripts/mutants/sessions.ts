/**
 * Defects of the scripts that write and read one session.
 *
 * @module
 */

import type { MutatedFile } from "./mutant.ts";

/** Defects of scripts of src/scripts/ that are about a session. */
export const SESSIONS: readonly MutatedFile[] = [
  {
    file: "src/scripts/create_session.ts",
    tests: ["storage_format"],
    mutants: [
      {
        name: "a create does not join the set of its user",
        text: "if user then join_user(user, id, moment, now) end",
      },
      {
        name: "a create is not put by creation",
        text: "add_hint(by_created, time, id)",
      },
      {
        name: "a create is not put by activity",
        text: "add_hint(by_activity, time, id)",
      },
      {
        name: "a create is not put by its own deadline",
        text: "if expires_at then add_hint(by_expiry, expires_at, id) end",
      },
      {
        name: "a create is not put by deadline",
        text:
          "if moment then add_hint(by_deadline, whole(moment), deadline_member(id, user)) end",
      },
      {
        name: "a create does not note when its messages end",
        text: "if moment then\n  hash[#hash + 1]",
        instead: "if false then\n  hash[#hash + 1]",
      },
      {
        name: "a create starts no TTL",
        text:
          'if moment then redis.call("PEXPIREAT", session, whole(now + ttl)) end',
        tests: ["ttl"],
      },
      {
        name: "a create does not know its own first attempt",
        text: "if stored == token then",
        instead: "if false then",
        tests: ["index_upkeep"],
      },
      {
        name: "a create keeps the messages of an expired session",
        text: "unlink_messages(id, leftovers)",
        tests: ["ttl"],
      },
      {
        name: "a create keeps the order of an expired session",
        text: 'redis.call("UNLINK", messages, sequence)',
        instead: 'redis.call("UNLINK", sequence)',
        tests: ["ttl"],
      },
      {
        name: "a create keeps the sequence of an expired session",
        text: 'redis.call("UNLINK", messages, sequence)',
        instead: 'redis.call("UNLINK", messages)',
        tests: ["older_neighbours"],
      },
      {
        name: "a create cleans nothing up",
        text: "sweep(sweep_most, slack, now)",
        tests: ["ttl"],
      },
    ],
  },
  {
    file: "src/scripts/adopt_session.ts",
    tests: ["older_data"],
    mutants: [
      {
        name: "an adoption does not ask the sequence that was kept",
        text: 'number("GET", sequence),',
      },
      {
        name: "an adoption does not count the messages",
        text: 'number("ZCARD", messages),',
        instead: "0,",
        tests: ["older_neighbours"],
      },
      {
        name: "an adoption does not ask the last message's sequence",
        text: "tonumber(newest[1] or 0) or 0",
        instead: "0",
        tests: ["older_neighbours"],
      },
      {
        name: "an adoption leaves the last message at its sequence",
        text: "if dated and dated >",
        instead: "if dated and dated <",
      },
      {
        name: "an adoption leaves a sequence that never ends",
        text:
          'if redis.call("TYPE", sequence).ok == "string" then redis.call("UNLINK", sequence) end',
      },
      {
        name: "an adoption keeps what is unset",
        text:
          'if #unset > 0 then redis.call("HDEL", session, unpack(unset)) end',
      },
      {
        name: "an adoption copies no tags",
        text: 'set[#set + 1] = "tags"',
        instead: 'set[#set + 1] = "oldTags"',
      },
      {
        name: "an adoption makes an object of no tags",
        text: 'set[#set + 1] = #metadata.tags == 0 and "[]" or (',
        instead: "set[#set + 1] = (",
        tests: ["older_data"],
      },
      {
        name: "an adoption escapes a slash in tags",
        text: 'string.gsub(cjson.encode(metadata.tags), "\\\\\\\\/", "/")',
        instead: "cjson.encode(metadata.tags)",
        tests: ["older_data"],
      },
      {
        name: "an adoption writes dates in seconds",
        text: "set[#set + 1] = whole(ms)",
        instead: "set[#set + 1] = whole(ms / 1000)",
      },
      {
        name: "an adoption is not put by creation",
        text: "add_hint(by_created, whole(created_at), id)",
        tests: ["older_neighbours"],
      },
      {
        name: "an adoption is not put by activity",
        text: "add_hint(by_activity, whole(active_at), id)",
        tests: ["older_data"],
      },
      {
        name: "an adoption is not put by its own deadline",
        text:
          "if expires_at then add_hint(by_expiry, whole(expires_at), id) end",
        tests: ["older_data"],
      },
      {
        name: "an adoption is not put by deadline",
        text:
          "if moment then add_hint(by_deadline, whole(moment), deadline_member(id, user)) end",
        tests: ["index_upkeep"],
      },
      {
        name: "an adoption does not join the set of its user",
        text: "join_user(user, id, moment, now) end",
        instead: "end",
        tests: ["index_upkeep"],
      },
      {
        name: "an adoption forgets when the messages end",
        text: "math.max(integer(fields.messagesExpireAt) or 0, now + left)",
        instead: "now + left",
        tests: ["index_upkeep"],
      },
    ],
  },
  {
    file: "src/scripts/read_session.ts",
    tests: ["ttl"],
    mutants: [
      {
        name: "a read starts no TTL again",
        text: "local more = slide_on_read()",
        instead: "local more = nil",
      },
      {
        name: "a read by one command is to start the TTL again",
        text: "const hash = store.refreshTtlOnRead ||",
        instead: "const hash =",
      },
      {
        name: "a read takes a second round trip",
        text: ": await store.port.readHash(key);",
        instead:
          ": await store.port.readHash(key).then(() => store.port.readHash(key));",
        tests: ["wire_costs"],
      },
    ],
  },
  {
    file: "src/scripts/touch_session.ts",
    tests: ["index_upkeep"],
    mutants: [
      {
        name: "a touch does not move its session by activity",
        text: "wrong = wrong or note_activity(now, id)",
      },
      {
        name: "a touch starts no TTL again",
        text: "if plan then slide(user, plan) end",
        tests: ["ttl"],
      },
      {
        name: "a touch sends an argument that nobody reads",
        text: "    {},",
        instead: '    { args: [""] },',
        tests: ["wire_costs"],
      },
    ],
  },
  {
    file: "src/scripts/update_session.ts",
    tests: ["storage_format"],
    mutants: [
      {
        name: "an update keeps what it is to remove",
        text:
          'if #removed > 0 then redis.call("HDEL", session, unpack(removed)) end',
      },
      {
        name: "an update does not know its own first attempt",
        text: "if stored[5] == token then",
        instead: "if false then",
        tests: ["retries"],
      },
      {
        name: "an update is made twice where nothing tells",
        text: 'if is_second and not is_expected then return {"unsure"} end',
        tests: ["retries"],
      },
      {
        name: "an update is not put by activity",
        text: "wrong = note_activity(tonumber(changes.lastActivityAt), id)",
        tests: ["index_upkeep"],
      },
      {
        name: "an update stays by the deadline that it removes",
        text: 'if goes.expiresAt then try_write("ZREM", by_expiry, id) end',
      },
      {
        name: "an update stays in the set of the user before",
        text:
          'if is_other_user and old_user then try_write("SREM", user_key(old_user), id) end',
      },
      {
        name: "an update does not join the set of its new user",
        text:
          "if is_other_user and user then join_user(user, id, plan.moment, now) end",
      },
      {
        name: "an update stays by deadline with the user before",
        text: 'then try_write("ZREM", by_deadline, old_member) end',
        instead: "then end",
        tests: ["index_upkeep"],
      },
      {
        name: "an update is not put by deadline with its new user",
        text:
          "if is_other_user and plan.moment then add_hint(by_deadline, whole(plan.moment), member) end",
        tests: ["index_upkeep"],
      },
      {
        name: "an update cannot remove the user",
        text: "(not goes.userId and old_user)",
        instead: "old_user",
      },
      {
        name: "an update starts no TTL again",
        text: "slide(user, plan)",
        tests: ["ttl"],
      },
      {
        name: "an update that a lost connection repeats does not say so",
        text: 'isSecond ? "1" : "0"',
        instead: '"0"',
        tests: ["retries"],
      },
    ],
  },
  {
    file: "src/scripts/delete_session.ts",
    tests: ["storage_format"],
    mutants: [
      {
        name: "a delete leaves the index entries",
        text: "unindex(id, user)",
      },
      {
        name: "a delete leaves the messages",
        text: "unlink_messages(id, ids)",
      },
      {
        name: "a delete leaves the order of the messages",
        text: 'redis.call("UNLINK", messages, sequence)',
        instead: 'redis.call("UNLINK", sequence)',
      },
      {
        name: "a delete leaves the sequence",
        text: 'redis.call("UNLINK", messages, sequence)',
        instead: 'redis.call("UNLINK", messages)',
        tests: ["older_data"],
      },
      {
        name: "a delete leaves the set of the user",
        text: 'redis.call("HGET", session, "userId") or nil',
        instead: "nil",
      },
      {
        name: "a delete leaves messages whose session is gone",
        text: 'if redis.call("TYPE", messages).ok == "zset" then',
        instead:
          'if redis.call("EXISTS", session) == 1 and redis.call("TYPE", messages).ok == "zset" then',
        tests: ["ttl"],
      },
    ],
  },
  {
    file: "src/scripts/session_script.ts",
    tests: ["older_data"],
    mutants: [
      {
        name: "an older session is written to before it is adopted",
        text: 'if (reply[0] !== "older") return reply as Reply<Status>;',
        instead: "return reply as Reply<Status>;",
      },
      {
        name: "an older session is not adopted",
        text: "await adoptSession(store, id);",
      },
    ],
  },
  {
    file: "src/scripts/declared_script.ts",
    tests: ["ttl"],
    mutants: [
      {
        name: "reads always start the TTL again",
        text: "slides ? store.ttlMs : 0",
        instead: "store.ttlMs",
      },
    ],
  },
];

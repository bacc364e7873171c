/**
 * Merges fields into a session.
 *
 * @module
 */

import { Failure } from "../failure.ts";
import { defineScript } from "../redis_port.ts";
import { decodeSession, type SessionChange } from "../session_codec.ts";
import {
  fieldsOf,
  runScript,
  sessionArgs,
  sessionKeys,
  type Store,
} from "../store.ts";
import type { Session, SessionId } from "../types.ts";
import { BASE } from "./prelude/base.ts";
import { INDEXES } from "./prelude/indexes.ts";
import { OLDER } from "./prelude/older.ts";
import { SESSION } from "./prelude/session.ts";

const script = defineScript(
  BASE,
  INDEXES,
  SESSION,
  OLDER,
  `
-- Merges fields into a session, if it has the expected version.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set
-- ARGV[1] prefix; ARGV[2] hash tags; ARGV[3] id; ARGV[4] TTL ms;
-- ARGV[5] expected version, or ""; ARGV[6] number of fields to write;
-- then field, value, ... and the names of the fields to remove
-- Returns {"ok", HGETALL of the session}, {"missing"}, {"conflict", version}
-- or {"corrupt", key, why}
-- Cost: O(log N) of all sessions; O(M) of the session's messages once in a
-- quarter of the TTL
local expected, count = ARGV[5], tonumber(ARGV[6])
local set, removed = {}, {}
for i = 7, 6 + 2 * count do set[#set + 1] = ARGV[i] end
for i = 7 + 2 * count, #ARGV do removed[#removed + 1] = ARGV[i] end
local changes = fields_of(set)
local goes = {}
for _, name in ipairs(removed) do goes[name] = true end

local wrong = misfit(session, "hash", messages, "zset", by_created, "zset", by_activity, "zset",
  by_expiry, "zset", by_deadline, "zset")
if wrong then return wrong end
if left == -2 then return {"missing"} end
if redis.call("HEXISTS", session, "lastSequence") == 0 then upgrade(session, messages) end
local stored = redis.call("HMGET", session, "version", "userId", "messagesExpireAt")
local old_user = stored[2] or nil
local version = tonumber(stored[1] or "0")
if not version then return {"corrupt", session, 'has a field "version" that is no number'} end
if expected ~= "" and tonumber(expected) ~= version then return {"conflict", whole(version)} end
local user = changes.userId or (not goes.userId and old_user) or nil
wrong = user and misfit(user_key(user), "set")
if wrong then return wrong end

if not changes.version then
  set[#set + 1] = "version"
  set[#set + 1] = whole(version + 1)
end
if not changes.lastActivityAt then
  changes.lastActivityAt = whole(now)
  set[#set + 1] = "lastActivityAt"
  set[#set + 1] = changes.lastActivityAt
end
local moment, is_new = messages_expiry(stored[3])
redis.call("ZADD", by_activity, changes.lastActivityAt, id)
if changes.expiresAt then redis.call("ZADD", by_expiry, changes.expiresAt, id) end
if user ~= old_user then
  if user then join_user(user, id, moment, now) end
  if moment then redis.call("ZADD", by_deadline, whole(moment), deadline_member(id, user)) end
end
redis.call("HSET", session, unpack(set))
if #removed > 0 then redis.call("HDEL", session, unpack(removed)) end
slide(user, moment, is_new)
if goes.expiresAt then redis.call("ZREM", by_expiry, id) end
if old_user and old_user ~= user then
  try("SREM", user_key(old_user), id)
  -- No user and the user "" have the same member.
  local old_member = deadline_member(id, old_user)
  if old_member ~= deadline_member(id, user) then redis.call("ZREM", by_deadline, old_member) end
end
return {"ok", redis.call("HGETALL", session)}
`,
);

/** What an update did: the session, or the version that was in its way. */
export type SessionUpdate =
  | { readonly session: Session }
  | { readonly actualVersion: number };

/** Merges a change into a session, if the stored one has the expected version. */
export async function updateSession(
  store: Store,
  id: SessionId,
  { set, removed }: SessionChange,
  expectedVersion: number | undefined,
): Promise<SessionUpdate> {
  const expected = expectedVersion === undefined ? "" : String(expectedVersion);
  // A whole session that is passed back still takes part in optimistic locking.
  const entries = Object.entries(set).filter(([name, value]) =>
    name !== "version" || value !== expected
  );
  const [status, detail] = await runScript<"ok" | "missing" | "conflict">(
    store,
    script,
    sessionKeys(store, id),
    [
      ...sessionArgs(store, id),
      expected,
      String(entries.length),
      ...entries.flat(),
      ...removed,
    ],
  );
  if (status === "missing") throw new Failure("not-found", "not found");
  if (status === "conflict") return { actualVersion: Number(detail) };
  const session = decodeSession(
    fieldsOf(detail as string[]),
    store.keys.session(id),
    store.summarizer,
  );
  return { session };
}

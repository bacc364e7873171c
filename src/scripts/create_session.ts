/**
 * Stores a new session.
 *
 * @module
 */

import { Failure } from "../failure.ts";
import { defineScript } from "../redis_port.ts";
import { decodeSession } from "../session_codec.ts";
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
import { MESSAGE } from "./prelude/message.ts";
import { SESSION } from "./prelude/session.ts";

/** Sessions that each create looks at whose deadline has come. */
const SWEEP_MOST = 8;

const script = defineScript(
  BASE,
  INDEXES,
  SESSION,
  MESSAGE,
  `
-- Creates a session, after removing what an expired one of that id left.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set
-- ARGV[1] prefix; ARGV[2] hash tags; ARGV[3] id; ARGV[4] TTL ms;
-- ARGV[5] token of this call, to tell its second attempt from another call;
-- ARGV[6] most sessions to sweep; then field, value, ...
-- Returns {"ok", HGETALL of the session}, {"exists"} or {"corrupt", key, why}
-- Cost: O(log N) of all sessions; O(M) where M messages were left over
local token, sweep_most = ARGV[5], tonumber(ARGV[6])
local fields, pairs_of_hash = {}, {}
for i = 7, #ARGV do pairs_of_hash[#pairs_of_hash + 1] = ARGV[i] end
fields = fields_of(pairs_of_hash)

local wrong = misfit(session, "hash", messages, "zset", by_created, "zset", by_activity, "zset",
  by_expiry, "zset", by_deadline, "zset")
  or (fields.userId and misfit(user_key(fields.userId), "set"))
if wrong then return wrong end
if left ~= -2 then
  if redis.call("HGET", session, "creationToken") ~= token then return {"exists"} end
  return {"ok", redis.call("HGETALL", session)}
end

local moment, is_new = messages_expiry(nil)
redis.call("ZADD", by_created, whole(now), id)
redis.call("ZADD", by_activity, whole(now), id)
if fields.expiresAt then redis.call("ZADD", by_expiry, fields.expiresAt, id) end
if fields.userId then join_user(fields.userId, id, moment, now) end
unlink_messages(id, redis.call("ZRANGE", messages, 0, -1))
redis.call("UNLINK", messages, session .. ":seq")
redis.call("HSET", session, "id", id, "createdAt", whole(now), "lastActivityAt", whole(now),
  "lastSequence", "0", "creationToken", token, unpack(pairs_of_hash))
slide(fields.userId, moment, is_new)
sweep(sweep_most, now)
return {"ok", redis.call("HGETALL", session)}
`,
);

/** Stores a new session of these hash fields; `token` is this call's alone. */
export async function createSession(
  store: Store,
  id: SessionId,
  fields: Readonly<Record<string, string>>,
  token: string,
): Promise<Session> {
  const [status, flat] = await runScript<"ok" | "exists">(
    store,
    script,
    sessionKeys(store, id),
    [
      ...sessionArgs(store, id),
      token,
      String(SWEEP_MOST),
      ...Object.entries(fields).flat(),
    ],
  );
  if (status === "exists") {
    throw new Failure("already-exists", "already exists");
  }
  return decodeSession(
    fieldsOf(flat as string[]),
    store.keys.session(id),
    store.summarizer,
  );
}

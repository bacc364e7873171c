/**
 * Stores a new session.
 *
 * @module
 */

import { afterStored, Failure } from "../failure.ts";
import { tidy } from "../hints.ts";
import { defineScript } from "../redis_port.ts";
import { decodeSession } from "../session_codec.ts";
import { fieldsOf, type Store } from "../store.ts";
import type { Session, SessionId } from "../types.ts";
import { runDeclared } from "./declared_script.ts";
import { BASE } from "./prelude/base.ts";
import { INDEXES, SWEEP } from "./prelude/indexes.ts";
import { MESSAGE, UNLINK } from "./prelude/message.ts";
import { SESSION } from "./prelude/session.ts";

/** Sessions that each create looks at whose deadline has come. */
const SWEEP_PER_CREATE = 8;

const script = defineScript(
  BASE,
  INDEXES,
  SWEEP,
  SESSION,
  `
-- Creates a session, after removing what an expired one of that id left.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set; KEYS[3] the documented
-- adapter's sequence; KEYS[4...] hashes of messages that are to be declared
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] TTL ms;
-- ARGV[4] token of this call, to tell its second attempt from another call;
-- ARGV[5] most sessions to sweep; ARGV[6] createdAt ms, "" for now; then field, value, ...
-- Returns {"ok", createdAt ms}; {"known", HGETALL} if this call's first attempt
-- created it; {"exists"}; {"declare", ids} or {"corrupt", key, why}
-- Cost: O(log N) of all sessions; O(M) where M messages were left over
local token, sweep_most = ARGV[4], tonumber(ARGV[5])
local sequence = KEYS[3]
local hash, user, expires_at = {}, nil, nil
for i = 7, #ARGV, 2 do
  local name, value = ARGV[i], ARGV[i + 1]
  hash[#hash + 1] = name
  hash[#hash + 1] = value
  if name == "userId" then user = value elseif name == "expiresAt" then expires_at = value end
end

local stored, wrong = typed(session, "hash", redis.pcall("HGET", session, "creationToken"))
if wrong then return wrong end
if stored == token then return {"known", redis.call("HGETALL", session)} end
if left ~= -2 then return {"exists"} end
local leftovers
leftovers, wrong = typed(messages, "zset", redis.pcall("ZRANGE", messages, 0, -1))
wrong = wrong
  or index_misfit(by_created, "zset", by_activity, "zset", by_expiry, "zset", by_deadline, "zset")
  or (user and index_misfit(user_key(user), "set"))
if wrong then return wrong end
if is_undeclared(id, leftovers) then return {"declare", leftovers} end

-- Hints first: one whose session does not come into being is harmless.
local moment = ttl > 0 and latest_moment() or nil
local time = ARGV[6] ~= "" and ARGV[6] or whole(now)
add_hint(by_created, time, id)
add_hint(by_activity, time, id)
if expires_at then add_hint(by_expiry, expires_at, id) end
if moment then add_hint(by_deadline, whole(moment), deadline_member(id, user)) end
if user then join_user(user, id, moment, now) end
if #leftovers > 0 then
  -- Made here, where they are seldom needed.
  ${MESSAGE}
  ${UNLINK}
  unlink_messages(id, leftovers)
  redis.call("UNLINK", messages, sequence)
end
if moment then
  hash[#hash + 1] = "messagesExpireAt"
  hash[#hash + 1] = whole(moment)
end
redis.call("HSET", session, "id", id, "createdAt", time, "lastActivityAt", time,
  "lastSequence", "0", "creationToken", token, unpack(hash))
if moment then redis.call("PEXPIREAT", session, whole(now + ttl)) end
sweep(sweep_most, slack, now)
return {"ok", time}
`,
);

/** Stores a new session of these hash fields; `token` is this call's alone. */
export async function createSession(
  store: Store,
  id: SessionId,
  fields: Readonly<Record<string, string>>,
  token: string,
): Promise<Session> {
  const { hints } = store;
  const announced = await hints?.announce(id, fields, SWEEP_PER_CREATE);
  const cleanedUp = hints?.cleanUp(announced!.due);
  const [status, detail] = await runDeclared<"ok" | "known" | "exists">(
    store,
    script,
    id,
    {
      keys: [store.keys.sequence(id)],
      args: [
        token,
        String(SWEEP_PER_CREATE),
        String(announced?.createdAtMs ?? ""),
        ...Object.entries(fields).flat(),
      ],
    },
  );
  if (status === "exists") {
    // Two creates of one id can take away each other's hint.
    if (hints !== undefined) await tidy(() => hints.restore(id));
    throw new Failure("already-exists", "already exists");
  }
  const hash = status === "known"
    ? fieldsOf(detail as string[])
    // Node takes twenty times as long for `...fields` and more behind it.
    : Object.assign({}, fields, {
      id,
      createdAt: detail as string,
      lastActivityAt: detail as string,
      lastSequence: "0",
    });
  await Promise.all([hints?.follow(id, hash), cleanedUp]).catch(afterStored);
  return decodeSession(id, hash, store);
}

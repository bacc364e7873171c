/**
 * Merges fields into a session.
 *
 * @module
 */

import { afterWrite, Failure } from "../failure.ts";
import { tidy } from "../hints.ts";
import { afterLostAttempt } from "../redis_failure.ts";
import { defineScript } from "../redis_port.ts";
import { decodeSession, type SessionChange } from "../session_codec.ts";
import { fieldsOf, type Store } from "../store.ts";
import type { Session, SessionId } from "../types.ts";
import { runOnSession } from "./session_script.ts";
import { BASE } from "./prelude/base.ts";
import { ACTIVITY, INDEXES } from "./prelude/indexes.ts";
import { SESSION } from "./prelude/session.ts";

const script = defineScript(
  BASE,
  ACTIVITY,
  SESSION,
  `
-- Merges fields into a session, if it has the expected version.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] TTL ms;
-- ARGV[4] expected version, or ""; ARGV[5] token of this call, to tell its second
-- attempt from another call; ARGV[6] "1" for a second attempt; ARGV[7] number of
-- fields to write; then field, value, ... and the names of the fields to remove
-- Returns {"ok", HGETALL of the session}, {"missing"}, {"older"}, {"conflict",
-- version}, {"unsure"} where nothing tells if the first attempt was carried out,
-- {"slide", ids, user} or {"corrupt", key, why}
-- Cost: O(log N) of all sessions; O(M) of the session's messages once in a
-- quarter of the TTL
local expected, token, is_second, count = ARGV[4], ARGV[5], ARGV[6] == "1", tonumber(ARGV[7])
local set, removed = {"updateToken", token}, {}
for i = 8, 7 + 2 * count do set[#set + 1] = ARGV[i] end
for i = 8 + 2 * count, #ARGV do removed[#removed + 1] = ARGV[i] end
local changes = fields_of(set)
local goes = {}
for _, name in ipairs(removed) do goes[name] = true end

local stored, wrong = typed(session, "hash",
  redis.pcall("HMGET", session, "lastSequence", "version", "userId", "messagesExpireAt", "updateToken"))
if wrong then return wrong end
if left == -2 then return {"missing"} end
if not stored[1] then return {"older"} end
local old_user = stored[3] or nil
local version = integer(stored[2] or "0")
if not version then return {"corrupt", session, 'has a field "version" that is no whole number'} end
if stored[5] == token then return {"ok", redis.call("HGETALL", session)} end
local is_expected = expected ~= "" and tonumber(expected) == version
-- The first attempt may have been carried out, and others may have written since.
if is_second and not is_expected then return {"unsure"} end
if expected ~= "" and not is_expected then return {"conflict", whole(version)} end
local user = changes.userId or (not goes.userId and old_user) or nil
local plan
plan, wrong = plan_slide(stored[4], user)
local is_other_user = user ~= old_user
if not apart then
  wrong = wrong or (changes.expiresAt and misfit(by_expiry, "zset"))
    or (is_other_user and misfit(by_deadline, "zset"))
    or (is_other_user and user and misfit(user_key(user), "set"))
    or nil
end
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
-- Hints first: one that is too much is harmless.
wrong = note_activity(tonumber(changes.lastActivityAt), id)
if wrong then return wrong end

-- Moves a session whose deadline or user changes: into the indexes, later out of
-- them. Its functions are made where they are needed.
local function move(is_in)
  ${INDEXES}
  local member, old_member = deadline_member(id, user), deadline_member(id, old_user)
  if is_in then
    if changes.expiresAt then add_hint(by_expiry, changes.expiresAt, id) end
    if is_other_user and plan.moment then add_hint(by_deadline, whole(plan.moment), member) end
    if is_other_user and user then join_user(user, id, plan.moment, now) end
    return
  end
  if goes.expiresAt then try_write("ZREM", by_expiry, id) end
  if is_other_user and old_user then try_write("SREM", user_key(old_user), id) end
  -- No user and the user "" have the same member.
  if old_member ~= member then try_write("ZREM", by_deadline, old_member) end
end

local moves = not apart and (is_other_user or changes.expiresAt or goes.expiresAt)
if moves then move(true) end
redis.call("HSET", session, unpack(set))
if #removed > 0 then redis.call("HDEL", session, unpack(removed)) end
slide(user, plan)
if moves then move(false) end
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
  const change = [String(entries.length), ...entries.flat(), ...removed];
  const token = crypto.randomUUID();
  const run = (isSecond: boolean) =>
    runOnSession<"ok" | "missing" | "conflict" | "unsure">(store, script, id, {
      args: [expected, token, isSecond ? "1" : "0", ...change],
      repeats: isSecond,
    });
  const moves = set["userId"] !== undefined || set["expiresAt"] !== undefined;
  if (moves) await store.hints?.expect(id, set);
  const [status, detail] = await run(false).catch(async (error) => {
    if (!store.port.canRepeat(error)) throw error;
    const second = await run(true).catch((fault) => {
      throw afterLostAttempt(fault);
    });
    if (second[0] === "unsure") throw error;
    return second;
  });
  if (status === "missing") {
    // What was added for it would stay until a list of that user meets it.
    const { hints } = store;
    if (moves && hints) await tidy(() => hints.remove(id, set["userId"]));
    throw new Failure("not-found", "not found");
  }
  if (status === "conflict") return { actualVersion: Number(detail) };
  const hash = fieldsOf(detail as string[]);
  await store.hints?.follow(id, hash);
  return { session: afterWrite(() => decodeSession(id, hash, store)) };
}

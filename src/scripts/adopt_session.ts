/**
 * Takes over a session that is not in the indexes: of the documented adapter,
 * or one whose hints were lost.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import type { Store } from "../store.ts";
import type { SessionId } from "../types.ts";
import { runDeclared } from "./declared_script.ts";
import { factsOf } from "./read_facts.ts";
import { BASE } from "./prelude/base.ts";
import { INDEXES } from "./prelude/indexes.ts";
import { DATES } from "./prelude/older.ts";

const script = defineScript(
  BASE,
  INDEXES,
  DATES,
  `
-- Gives a session of the documented adapter the fields that the other scripts
-- rely on, and puts any session into the indexes. Nothing that a read returns
-- changes.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set; KEYS[3] the documented
-- adapter's sequence; KEYS[4...] hashes of messages that are to be declared
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] unused
-- Returns {"ok", createdAt ms, lastActivityAt ms, expiresAt ms, userId, ms that
-- its messages live at the most}, the last three nil where there is none or it
-- cannot be read; {"missing"}, {"undated"} where it has no date, so that it
-- cannot be read either and no list meets it; {"declare", ids} or {"corrupt", key, why}
-- Cost: O(log N) of all sessions
local session, messages, sequence = KEYS[1], KEYS[2], KEYS[3]
local id = id_of(session)

local wrong = misfit(session, "hash") or index_misfit(
  by_created, "zset", by_activity, "zset", by_expiry, "zset", by_deadline, "zset")
if wrong then return wrong end
local left = redis.call("PTTL", session)
if left == -2 then return {"missing"} end
local now = clock()

local fields = fields_of(redis.call("HGETALL", session))
if not fields.lastSequence then
  -- Keys of another type have no sequence; what reads them reports them.
  local function number(...)
    return tonumber(redis.pcall(...) or 0) or 0
  end
  local ids = redis.pcall("ZRANGE", messages, -1, -1)
  if is_undeclared(id, ids) then return {"declare", ids} end
  local newest = ids[1] and redis.pcall("HMGET", message_key(id, ids[1]), "sequence", "createdAt") or {}
  local last = math.max(
    number("GET", sequence),
    number("ZCARD", messages),
    tonumber(newest[1] or 0) or 0
  )
  local set, unset = {"lastSequence", whole(last)}, {}
  for name, value in pairs(fields) do
    if value == "" then
      unset[#unset + 1] = name
    elseif name == "createdAt" or name == "lastActivityAt" or name == "expiresAt" then
      local ms = to_ms(value)
      if ms then
        set[#set + 1] = name
        set[#set + 1] = whole(ms)
      end
    end
  end
  local ok, metadata = pcall(cjson.decode, fields.metadata or "")
  -- Metadata that is no JSON has no tags to copy: a read reports it. cjson also
  -- refuses half a surrogate pair, so the tags beside one are not listed by.
  if ok and type(metadata) == "table" and type(metadata.tags) == "table" and not fields.tags then
    -- cjson escapes a slash and DEL, which JSON.stringify does not.
    local tags = string.gsub(cjson.encode(metadata.tags), "\\\\/", "/")
    set[#set + 1] = "tags"
    set[#set + 1] = #metadata.tags == 0 and "[]" or (string.gsub(tags, "\\\\u007f", "\\127"))
  end
  redis.call("HSET", session, unpack(set))
  if #unset > 0 then redis.call("HDEL", session, unpack(unset)) end
  -- An append dates its message by the last score, which may be a sequence here.
  local dated = to_ms(newest[2])
  if dated and dated > number("ZSCORE", messages, ids[1]) then
    redis.call("ZADD", messages, whole(dated), ids[1])
  end
  -- It would outlive a session that expires.
  if redis.call("TYPE", sequence).ok == "string" then redis.call("UNLINK", sequence) end
  fields = fields_of(redis.call("HGETALL", session))
end

local created_at = to_ms(fields.createdAt)
if not created_at then return {"undated"} end
local user = fields.userId
local moment = left >= 0 and math.max(integer(fields.messagesExpireAt) or 0, now + left) or nil
local active_at = to_ms(fields.lastActivityAt) or created_at
add_hint(by_created, whole(created_at), id)
add_hint(by_activity, whole(active_at), id)
local expires_at = to_ms(fields.expiresAt)
if expires_at then add_hint(by_expiry, whole(expires_at), id) end
if moment then add_hint(by_deadline, whole(moment), deadline_member(id, user)) end
-- A user's key of another type is for the list of that user to report.
if user and not index_misfit(user_key(user), "set") then join_user(user, id, moment, now) end
return {"ok", created_at, active_at, expires_at or false, user or false, moment and moment - now or false}
`,
);

/**
 * Takes over a session.
 *
 * @returns whether it is in the indexes now
 */
export async function adoptSession(
  store: Store,
  id: SessionId,
): Promise<boolean> {
  const [status, ...facts] = await runDeclared<"ok" | "missing" | "undated">(
    store,
    script,
    id,
    { keys: [store.keys.sequence(id)], slides: false },
  );
  if (status !== "ok") return false;
  await store.hints?.add(id, factsOf(facts));
  return true;
}

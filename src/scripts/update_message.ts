/**
 * Merges fields into a message.
 *
 * @module
 */

import { afterWrite, Failure } from "../failure.ts";
import type { MessageChange } from "../message_codec.ts";
import { newRevision } from "../history_cache.ts";
import { defineScript } from "../redis_port.ts";
import type { Store } from "../store.ts";
import type { Message, MessageId, SessionId } from "../types.ts";
import { runDeclared } from "./declared_script.ts";
import { decodeRow, type MessageRow, ROW_LUA } from "./message_row.ts";
import { BASE } from "./prelude/base.ts";
import { MESSAGE, RECORD } from "./prelude/message.ts";
import { SESSION, SLIDE_ONLY } from "./prelude/session.ts";

const script = defineScript(
  BASE,
  SESSION,
  SLIDE_ONLY,
  RECORD,
  MESSAGE,
  ROW_LUA,
  `
-- Merges fields into a message, if it is in this session.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set; KEYS[3] message hash;
-- KEYS[4...] hashes of messages that are to be declared
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] TTL ms; ARGV[4] message id;
-- ARGV[5] the same as JSON; ARGV[6] a new revision; ARGV[7] number of fields to
-- write; then field, value, ... (metadata as JSON, updatedAt in ms) and the names
-- of the fields to remove
-- Returns {"ok", row}, {"missing"}, {"slide", ids, user} or {"corrupt", key, why}
-- Cost: O(1); O(M) of the session's messages once in a quarter of the TTL
local message, message_id, id_json, count = KEYS[3], ARGV[4], ARGV[5], tonumber(ARGV[7])
local pairs_set, removed = {}, {}
for i = 8, 7 + 2 * count do pairs_set[#pairs_set + 1] = ARGV[i] end
local set = fields_of(pairs_set)
for i = 8 + 2 * count, #ARGV do removed[ARGV[i]] = true end

local user, plan, wrong = plan_slide_only()
wrong = wrong or misfit(session, "hash", messages, "zset", message, "hash")
if wrong then return wrong end
local before = left ~= -2 and redis.call("ZSCORE", messages, message_id) and row_of(id, message_id)
if not before then return {"missing"} end
if not set.updatedAt then set.updatedAt = whole(now) end

-- The parts of a record as they stand, tokens "null" for none, metadata with its
-- comma or ""; nil where they are not what the adapter writes.
local function parts_of(record)
  local line_feed = string.find(record, "\\n", 1, true)
  if not line_feed then return nil end
  local parts, updated_at, rest = {content = string.sub(record, line_feed + 1)}, nil, nil
  parts.owner, parts.created_at, parts.sequence, parts.role, parts.content_type, parts.tokens, updated_at, rest =
    string.match(string.sub(record, 1, line_feed - 1), '^%[(".-"),(%-?%d+),(%d+),"(%a+)","(%a+)",([^,]+),([^,]+),(.*)%]$')
  if not rest or string.sub(rest, 1, #id_json) ~= id_json then return nil end
  parts.metadata = string.sub(rest, #id_json + 1)
  local is_written = (parts.tokens == "null" or string.find(parts.tokens, "^%-?%d[%d.eE+-]*$"))
    and (updated_at == "null" or string.find(updated_at, "^%-?%d+$"))
    and (parts.metadata == "" or string.find(parts.metadata, "^,{.*}$"))
  return is_written and parts
end

local record = type(before) == "string" and before
local fields = {}
if record then
  local parts = parts_of(record)
  if not parts then return {"corrupt", message, 'has a field "message" that is not what the adapter writes'} end
  local metadata = set.metadata and "," .. set.metadata or (removed.metadata and "") or parts.metadata
  fields = {"message", record_of(parts.owner, parts.created_at, parts.sequence,
    '"' .. (set.role or parts.role) .. '","' .. (set.contentType or parts.content_type) .. '",' ..
      (set.tokenCount or (removed.tokenCount and "null") or parts.tokens) .. "," .. set.updatedAt .. "," ..
      id_json .. metadata .. "]\\n" .. (set.content or parts.content))}
else
  for name, value in pairs(set) do
    fields[#fields + 1] = name
    fields[#fields + 1] = value
  end
end
-- First: who holds the message must not take it for unchanged.
redis.call("HSET", session, "revision", ARGV[6])
redis.call("HSET", message, unpack(fields))
if not record then
  for name in pairs(removed) do redis.call("HDEL", message, name) end
end
if plan then slide(user, plan) end
return {"ok", (row_of(id, message_id))}
`,
);

/** Merges a change into a message of this session, and returns the whole message. */
export async function updateMessage(
  store: Store,
  sessionId: SessionId,
  messageId: MessageId,
  { set, removed }: MessageChange,
): Promise<Message> {
  const entries = Object.entries(set);
  const [status, row] = await runDeclared<"ok" | "missing">(
    store,
    script,
    sessionId,
    {
      keys: [store.keys.message(sessionId, messageId)],
      args: [
        messageId,
        JSON.stringify(messageId),
        newRevision(),
        ...[String(entries.length), ...entries.flat(), ...removed],
      ],
      // It would undo what others wrote meanwhile.
      repeats: false,
    },
  );
  if (status === "missing") throw new Failure("not-found", "not found");
  return afterWrite(() =>
    decodeRow(store, sessionId, messageId, row as MessageRow)
  );
}

/**
 * A message on its way from Redis: the shape in which scripts return one.
 *
 * @module
 */

import { corrupt } from "../failure.ts";
import { decodeMessage, olderAttributes } from "../message_codec.ts";
import { fieldsOf, type Store } from "../store.ts";
import type { Message, MessageId, SessionId } from "../types.ts";

/**
 * The shape in Lua: `row_of(message_id, key)` returns `{id, "message", content,
 * attributes}`, `{id, "older", HGETALL}` for a message of adapter 0.1, or
 * `{id, "corrupt", key, why}`.
 */
export const ROW_LUA = `
local function row_of(message_id, key)
  local wrong = misfit(key, "hash")
  if wrong then return {message_id, unpack(wrong)} end
  local fields = redis.call("HMGET", key, "content", "attributes")
  if fields[2] then return {message_id, "message", fields[1], fields[2]} end
  return {message_id, "older", redis.call("HGETALL", key)}
end
`;

/** Tells before a write what would only show when its reply is decoded. */
export const FLAW_LUA = `
-- What is wrong with the message of a row, or nil.
local function flaw_of(row)
  local content, attributes = row[3], row[4]
  if row[2] ~= "message" then return nil end
  local role, content_type = parts_of(attributes)
  if not role then return "holds no attributes as the adapter writes them" end
  if not content then return 'has no field "content"' end
  for _, text in ipairs({attributes, content_type == "json" and content or nil}) do
    local ok, why = pcall(cjson.decode, text)
    -- cjson stops at 1,000 levels, which JSON does not.
    if not ok and not string.find(why, "nested", 1, true) then return "holds no message: " .. why end
  end
end
`;

/** A message as `row_of` returns it. */
export type MessageRow =
  | readonly [MessageId, "message", content: string | null, attributes: string]
  | readonly [MessageId, "older", fields: string[]]
  | readonly [MessageId, "corrupt", key: string, why: string];

/**
 * Returns the message of a row.
 *
 * @throws {Failure} corrupt-data, naming the key, when it holds none
 */
export function decodeRow(
  store: Store,
  sessionId: SessionId,
  row: MessageRow,
): Message {
  const [id, kind] = row;
  if (kind === "corrupt") throw corrupt(row[2], row[3]);
  try {
    if (kind === "message") {
      const attributes = JSON.parse(row[3]);
      return decodeMessage(sessionId, { id, content: row[2], attributes });
    }
    const hash = fieldsOf(row[2]);
    const attributes = olderAttributes(hash);
    return decodeMessage(sessionId, {
      id,
      content: hash["content"],
      attributes,
    });
  } catch (error) {
    throw corrupt(
      store.keys.message(sessionId, id),
      `holds no message: ${(error as Error).message}`,
      error,
    );
  }
}

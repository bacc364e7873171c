/**
 * A message on its way from Redis: the shape in which scripts return one.
 *
 * @module
 */

import { corrupt, invalid, show } from "../failure.ts";
import {
  decodeMessage,
  decodeRecord,
  olderAttributes,
} from "../message_codec.ts";
import { fieldsOf, type Store } from "../store.ts";
import type { Message, MessageId, SessionId } from "../types.ts";

/**
 * The shape in Lua: `{id, "message", record}`, `{id, "older", HGETALL}` for a
 * message of the documented adapter, or `{id, "corrupt", key, why}`.
 */
export const ROW_LUA = `
-- The row of a message, its role and its createdAt; nil where its key holds no
-- message of the session.
local function row_of(session_id, message_id)
  local key = message_key(session_id, message_id)
  local record, wrong = typed(key, "hash", redis.pcall("HGET", key, "message"))
  if wrong then return {message_id, unpack(wrong)} end
  if record then
    local row = {message_id, "message", record}
    local owner, created_at, role = head_of(record)
    if not tagged and names_other(owner, session_id) then return nil end
    return row, role, created_at
  end
  local flat = redis.call("HGETALL", key)
  local older = fields_of(flat)
  if #flat == 0 or (not tagged and older.sessionId and older.sessionId ~= session_id) then return nil end
  return {message_id, "older", flat}, older.role, older.createdAt
end
`;

/** A message as `row_of` returns it. */
export type MessageRow =
  | readonly [MessageId, "message", record: string]
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
      const message = decodeRecord(sessionId, row[2]);
      if (message.id !== id) throw invalid("id", show(id), message.id);
      return message;
    }
    const hash = fieldsOf(row[2]);
    const attributes = olderAttributes(id, hash);
    return decodeMessage(sessionId, hash["content"], attributes);
  } catch (error) {
    throw corrupt(
      store.keys.message(sessionId, id),
      `holds no message: ${(error as Error).message}`,
      error,
    );
  }
}

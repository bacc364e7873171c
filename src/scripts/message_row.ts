/**
 * A message on its way from Redis: the shape in which scripts return one.
 *
 * @module
 */

import { corrupt, Failure, invalid, show } from "../failure.ts";
import {
  decodeMessage,
  decodeRecord,
  olderAttributes,
} from "../message_codec.ts";
import { fieldsOf, type Store } from "../store.ts";
import type { Message, MessageId, SessionId } from "../types.ts";

/**
 * The shape in Lua: a record, `{"older", HGETALL}` of a message of the documented
 * adapter, or `{"corrupt", key, why}`. Rows of several messages come as a flat
 * list: id, row, id, row, ...; each table of a reply takes Redis some microseconds.
 */
export const ROW_LUA = `
-- The row of a message, its role and its createdAt; nil where its key holds no
-- message of the session.
local function row_of(session_id, message_id)
  local key = message_key(session_id, message_id)
  local record, wrong = typed(key, "hash", redis.pcall("HGET", key, "message"))
  if wrong then return wrong end
  if record then
    local owner, created_at, role = head_of(record)
    if not tagged and names_other(owner, session_id) then return nil end
    return record, role, created_at
  end
  local flat = redis.call("HGETALL", key)
  local older = fields_of(flat)
  if #flat == 0 or (not tagged and older.sessionId and older.sessionId ~= session_id) then return nil end
  return {"older", flat}, older.role, older.createdAt
end
`;

/** A message as `row_of` returns it. */
export type MessageRow =
  | string
  | readonly ["older", fields: string[]]
  | readonly ["corrupt", key: string, why: string];

/**
 * Returns the message of a row.
 *
 * @throws {Failure} corrupt-data, naming the key, when it holds none
 */
export function decodeRow(
  store: Store,
  sessionId: SessionId,
  id: MessageId,
  row: MessageRow,
): Message {
  if (typeof row !== "string" && row[0] === "corrupt") {
    throw corrupt(row[1], row[2]);
  }
  try {
    if (typeof row === "string") {
      const message = decodeRecord(sessionId, row);
      if (message.id !== id) throw invalid("id", show(id), message.id);
      return message;
    }
    const hash = fieldsOf(row[1]);
    return decodeMessage(sessionId, hash["content"], olderAttributes(id, hash));
  } catch (error) {
    throw corrupt(
      store.keys.message(sessionId, id),
      `holds no message: ${(error as Error).message}`,
      error,
    );
  }
}

/**
 * Returns the messages of a flat list of ids and rows, without those that are
 * corrupt, where somebody is told of them.
 *
 * @throws {Failure} corrupt-data, naming the key, where nobody is
 */
export function decodeRows(
  store: Store,
  sessionId: SessionId,
  list: readonly unknown[],
): Message[] {
  const messages: Message[] = [];
  for (let i = 0; i < list.length; i += 2) {
    const [id, row] = [list[i] as MessageId, list[i + 1] as MessageRow];
    try {
      messages.push(decodeRow(store, sessionId, id, row));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      store.onCorrupt(error);
    }
  }
  return messages;
}

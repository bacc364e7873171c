/**
 * Reads one message of a session.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import type { Store } from "../store.ts";
import type { Message, MessageId, SessionId } from "../types.ts";
import { runDeclared } from "./declared_script.ts";
import { decodeRow, type MessageRow, ROW_LUA } from "./message_row.ts";
import { BASE } from "./prelude/base.ts";
import { MESSAGE } from "./prelude/message.ts";

const script = defineScript(
  BASE,
  MESSAGE,
  ROW_LUA,
  `
-- Reads a message, if it is in this session.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set; KEYS[3] message hash
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] unused; ARGV[4] message id
-- Returns {"ok", row}, {"missing"} or {"corrupt", key, why}
-- Cost: O(1)
local id, messages, message_id = id_of(KEYS[1]), KEYS[2], ARGV[4]
local score, wrong = typed(messages, "zset", redis.pcall("ZSCORE", messages, message_id))
if wrong then return wrong end
local row = score and row_of(id, message_id)
if not row then return {"missing"} end
return {"ok", row}
`,
);

/** Reads a message of this session; null when it is not there. */
export async function readMessage(
  store: Store,
  sessionId: SessionId,
  messageId: MessageId,
): Promise<Message | null> {
  const [status, row] = await runDeclared<"ok" | "missing">(
    store,
    script,
    sessionId,
    { keys: [store.keys.message(sessionId, messageId)], args: [messageId] },
  );
  return status === "ok"
    ? decodeRow(store, sessionId, messageId, row as MessageRow)
    : null;
}

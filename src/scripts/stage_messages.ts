/**
 * Stages a part of an append that is too large for one script.
 *
 * @module
 */

import { type EncodedMessage, tailOf } from "../message_codec.ts";
import { defineScript } from "../redis_port.ts";
import type { Reply, Store } from "../store.ts";
import type { SessionId } from "../types.ts";
import { APPEND } from "./prelude/append.ts";
import { BASE } from "./prelude/base.ts";
import { RECORD } from "./prelude/message.ts";
import { SESSION } from "./prelude/session.ts";
import { runOnSession } from "./session_script.ts";

const script = defineScript(
  BASE,
  SESSION,
  RECORD,
  APPEND,
  `
-- Writes the hashes of messages whose ids are not in the order yet, so that no
-- one reads them. The session's field "staged" says whose they are, how many
-- parts there are, and where they begin: "token:parts:ms:sequence".
--
-- KEYS[1] session hash; KEYS[2] messages sorted set; KEYS[3...] hashes of the
-- messages, then of others that are to be declared
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] TTL ms; ARGV[4] id as JSON;
-- ARGV[5] token of the append; ARGV[6] number of the part, from 1; ARGV[7] what
-- "staged" held when this call met another append; ARGV[8] ms that the append
-- begins at, ARGV[9] sequence before it, ARGV[10] ms that its messages expire at,
-- "" for never: all three as the first part returned them; ARGV[11] messages
-- before the part; then for each message ms after the beginning, and the end of
-- its record
-- Returns {"ok", ms, sequence, ms or ""}; {"known", id, row, ...} before it writes beside
-- messages that the session has; {"overtaken", what "staged" holds} where the
-- parts before are no longer staged, or another append goes on;
-- {"missing"}; {"older"}; {"slide", ids, user};
-- {"taken", message id, session id} or {"corrupt", key, why}
-- Cost: O(log N) of all sessions and O(log M) of the session's messages, each
-- message; O(M) once in a quarter of the TTL
local owner, token, part, seen = ARGV[4], ARGV[5], tonumber(ARGV[6]), ARGV[7]
local start, sequence, expires = tonumber(ARGV[8]), tonumber(ARGV[9]), ARGV[10]
local before = tonumber(ARGV[11])
local count = (#ARGV - 11) / 2

local wrong = read_end()
if wrong then return wrong end
local staged = stored[4]
local function marker_of(number)
  return token .. ":" .. number .. ":" .. whole(start) .. ":" .. whole(sequence)
end
local is_free
if part == 1 then
  -- Two that take each other's place would do so for good: an append that has
  -- staged more since this call last looked goes first.
  is_free = not staged or staged == seen or string.sub(staged, 1, #token + 1) == token .. ":"
else
  -- A part that was staged already is sent again.
  is_free = staged == marker_of(part - 1) or staged == marker_of(part)
end
if not is_free then return {"overtaken", staged} end
local id_from = #message_key(id, "") + 1
local known, orphans = {}, {}
local is_any_taken = redis.call("EXISTS", unpack(KEYS, 3, 2 + count)) > 0
for i = 1, is_any_taken and count or 0 do
  local key = KEYS[i + 2]
  local message_id = string.sub(key, id_from)
  local found, detail = look_at(key, message_id)
  if not found then return detail end
  if found == "known" then
    known[#known + 1] = message_id
    known[#known + 1] = detail
  end
  if found == "orphan" then orphans[#orphans + 1] = key end
end
if #known > 0 then return {"known", unpack(known)} end

local user = stored[3] or nil
local plan
plan, wrong = plan_slide(stored[2], user)
if wrong then return wrong end
if part == 1 then
  local last_score
  sequence, last_score, wrong = last_place(1)
  if wrong then return wrong end
  start = math.max(now, last_score + 1)
  expires = plan.moment and whole(plan.moment) or ""
end
if start + tonumber(ARGV[10 + 2 * count]) > 8.64e15 then
  return {"corrupt", messages, "has a last score after which there is no date"}
end

redis.call("HSET", session, "staged", marker_of(part))
slide(user, plan)
for _, key in ipairs(orphans) do redis.call("UNLINK", key) end
for i = 1, count do
  local key, at = KEYS[i + 2], 10 + 2 * i
  redis.call("HSET", key, "message",
    record_of(owner, whole(start + tonumber(ARGV[at])), whole(sequence + before + i), ARGV[at + 1]))
  if expires ~= "" then redis.call("PEXPIREAT", key, expires) end
end
return {"ok", whole(start), sequence, expires}
`,
);

/** Where an append begins, as the server decided at its first part. */
export interface Beginning {
  readonly startMs: number;
  /** The sequence of the message before. */
  readonly sequence: number;
  /** When the messages expire, in ms; "" for never. */
  readonly expires: string;
}

/** A part of an append. */
export interface Part {
  readonly token: string;
  /** From 1. */
  readonly number: number;
  /** What was staged by another append when this call met it; "" if it has met none. */
  readonly seen: string;
  /** Absent for the first part. */
  readonly beginning: Beginning | undefined;
  /** Messages in the parts before. */
  readonly before: number;
  readonly messages: readonly StagedMessage[];
}

/** A message, and how many ms after the beginning it is dated. */
export interface StagedMessage {
  readonly message: EncodedMessage;
  readonly afterMs: number;
}

/** Stages a part, and returns what the script says. */
export async function stageMessages(
  store: Store,
  sessionId: SessionId,
  { token, number, seen, beginning, before, messages }: Part,
): Promise<Reply<"ok" | "known" | "overtaken" | "missing" | "taken">> {
  return await runOnSession(store, script, sessionId, {
    keys: messages.map(({ message }) =>
      store.keys.message(sessionId, message.id)
    ),
    args: [
      JSON.stringify(sessionId),
      token,
      String(number),
      seen,
      String(beginning?.startMs ?? ""),
      String(beginning?.sequence ?? ""),
      beginning?.expires ?? "",
      String(before),
      ...messages.flatMap(({ message, afterMs }) => [
        String(afterMs),
        tailOf(message),
      ]),
    ],
  });
}

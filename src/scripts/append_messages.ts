/**
 * Appends messages to a session by one script.
 *
 * @module
 */

import { compareIds } from "../code_points.ts";
import { afterStored, Failure, show } from "../failure.ts";
import {
  decodeAppended,
  type EncodedMessage,
  tailOf,
} from "../message_codec.ts";
import { defineScript } from "../redis_port.ts";
import type { Store } from "../store.ts";
import type { Message, MessageId, SessionId } from "../types.ts";
import { runOnSession } from "./session_script.ts";
import { decodeRow, type MessageRow } from "./message_row.ts";
import { APPEND } from "./prelude/append.ts";
import { BASE } from "./prelude/base.ts";
import { ACTIVITY } from "./prelude/indexes.ts";
import { RECORD } from "./prelude/message.ts";
import { SESSION } from "./prelude/session.ts";

const script = defineScript(
  BASE,
  ACTIVITY,
  SESSION,
  RECORD,
  APPEND,
  `
-- Appends messages to a session: all of them, or none. A message whose id the
-- session has already is not added again.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set; KEYS[3...] hashes of the
-- messages, then of others that are to be declared
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] TTL ms; ARGV[4] id as JSON;
-- ARGV[5] "1" where the rows of "known" were found readable; ARGV[6] "1" for each
-- message whose id comes after that of the message before it, else "0"; then the
-- end of each message's record
-- Returns {"ok", sequence before, 0 where none was added, reply of each message
-- ...}: createdAt in ms if it was added, {"same", n} if message n of this call has
-- its id, or the row of what is stored; {"known", id, row, ...} before it writes
-- beside messages that are stored; {"missing"}; {"older"}; {"slide", ids, user};
-- {"taken", message id, session id}; {"corrupt", key, why}
-- Cost: O(log N) of all sessions and O(log M) of the session's messages, each
-- message; O(M) once in a quarter of the TTL
local owner, is_readable = ARGV[4], ARGV[5] == "1"
local steps = ARGV[6]
local count = #ARGV - 6

local wrong = read_end()
if wrong then return wrong end

local id_from = #message_key(id, "") + 1
local replies, first, added, orphans, known = {}, {}, {}, {}, {}
local is_any_taken = count > 0 and redis.call("EXISTS", unpack(KEYS, 3, 2 + count)) > 0
for i = 1, count do
  local key = KEYS[i + 2]
  local message_id = string.sub(key, id_from)
  local found, detail
  if first[message_id] then
    replies[i] = {"same", first[message_id]}
  else
    first[message_id] = i
    found = "none"
    if is_any_taken then found, detail = look_at(key, message_id) end
    if not found then return detail end
    if found == "known" then
      replies[i] = detail
      known[#known + 1] = message_id
      known[#known + 1] = detail
    else
      added[#added + 1] = i
      orphans[i] = found == "orphan"
    end
  end
end
if #added == 0 then return {"ok", 0, unpack(replies)} end
if #known > 0 and not is_readable then return {"known", unpack(known)} end

local sequence, last_score
sequence, last_score, wrong = last_place(#added)
if wrong then return wrong end
local sequence_before = sequence
local user = stored[3] or nil
local plan
plan, wrong = plan_slide(stored[2], user)
wrong = wrong or note_activity(now, id)
if wrong then return wrong end
local moment = plan.moment and whole(plan.moment)

-- What a larger append has staged is in the wrong place now.
if stored[4] then redis.call("HDEL", session, "staged") end
local entries, created_at, number = {}, nil, nil
for n, i in ipairs(added) do
  local key = KEYS[i + 2]
  local message_id = string.sub(key, id_from)
  local score = math.max(now, last_score)
  -- Within one millisecond the set orders by id: one that would not come last moves on.
  local is_placed = false
  if score == last_score then
    local is_last = string.sub(steps, i, i) == "1"
    if added[n - 1] ~= i - 1 then
      redis.call("ZADD", messages, score, message_id, unpack(entries))
      entries = {}
      is_last = redis.call("ZRANGE", messages, "-1", "-1")[1] == message_id
      is_placed = is_last
    end
    if not is_last then score = score + 1 end
  end
  last_score = score
  sequence = sequence + 1
  created_at, number = whole(score), whole(sequence)
  if not is_placed then
    entries[#entries + 1] = created_at
    entries[#entries + 1] = message_id
  end
  if orphans[i] then redis.call("UNLINK", key) end
  redis.call("HSET", key, "message", record_of(owner, created_at, number, ARGV[6 + i]))
  if moment then redis.call("PEXPIREAT", key, moment) end
  replies[i] = score
end
if #entries > 0 then redis.call("ZADD", messages, unpack(entries)) end
redis.call("HSET", session, "lastSequence", number, "lastActivityAt", created_at)
if last_score > now then note_activity(last_score, id) end
slide(user, plan)
if ttl == 0 and left >= 0 and redis.call("PTTL", messages) == -1 then
  redis.call("PEXPIREAT", messages, whole(now + left))
end
return {"ok", sequence_before, unpack(replies)}
`,
);

/** Appends messages, all or none, and returns each as it is stored. */
export async function appendMessages(
  store: Store,
  sessionId: SessionId,
  messages: readonly EncodedMessage[],
): Promise<Message[]> {
  const keys: string[] = [];
  const args: string[] = [];
  let steps = "";
  let last = "";
  for (const message of messages) {
    keys.push(store.keys.message(sessionId, message.id));
    args.push(tailOf(message));
    steps += compareIds(last, message.id) < 0 ? "1" : "0";
    last = message.id;
  }
  const run = (isReadable: boolean) =>
    runOnSession<"ok" | "known" | "missing" | "taken">(
      store,
      script,
      sessionId,
      {
        keys,
        args: [
          JSON.stringify(sessionId),
          isReadable ? "1" : "0",
          steps,
          ...args,
        ],
      },
    );
  let [status, ...details] = await run(false);
  if (status === "known") {
    // One that cannot be returned has to be reported before the others are written.
    for (let i = 0; i < details.length; i += 2) {
      const [id, row] = [details[i] as MessageId, details[i + 1] as MessageRow];
      decodeRow(store, sessionId, id, row);
    }
    [status, ...details] = await run(true);
  }
  if (status === "missing") throw new Failure("not-found", "not found");
  if (status === "taken") throw takenId(details);
  const [before, ...replies] = details as [number, ...AppendReply[]];
  const added = replies.filter((reply) => typeof reply === "number");
  let sequence = before;
  const sequences = replies.map((reply) =>
    typeof reply === "number" ? ++sequence : sequence
  );
  const decode = (i: number): Message => {
    const message = messages[i]!;
    const reply = replies[i]!;
    if (typeof reply === "number") {
      const numbers = { createdAt: reply, sequence: sequences[i]! };
      return decodeAppended(sessionId, message, numbers);
    }
    if (reply[0] === "same") return decode(Number(reply[1]) - 1);
    return decodeRow(store, sessionId, message.id, reply as MessageRow);
  };
  const appended = messages.map((_, i) => decode(i));
  if (added.length > 0) {
    const lastActivityAtMs = added.reduce((a, b) => Math.max(a, b));
    await store.hints?.add(sessionId, { lastActivityAtMs }).catch(afterStored);
  } else if (messages.length > 0) {
    // The first attempt may have ended before its hints.
    await store.hints?.restore(sessionId).catch(afterStored);
  }
  return appended;
}

/** Returns the failure of an id that another session has, of what a script says of it. */
export function takenId(details: readonly unknown[]): Failure {
  const [id, owner] = details;
  return new Failure(
    "already-exists",
    `message id ${show(id)} is in use in session ${show(owner)}`,
  );
}

/** The createdAt of a message that was added, the place of the one with its id, or its row. */
type AppendReply = number | readonly ["same", number] | MessageRow;

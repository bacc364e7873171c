/**
 * Adds to the order what an append has staged.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import type { Reply, Store } from "../store.ts";
import type { MessageId, SessionId } from "../types.ts";
import { runDeclared } from "./declared_script.ts";
import { APPEND } from "./prelude/append.ts";
import { BASE } from "./prelude/base.ts";
import { ACTIVITY } from "./prelude/indexes.ts";
import { SESSION } from "./prelude/session.ts";
import type { Beginning } from "./stage_messages.ts";

const script = defineScript(
  BASE,
  ACTIVITY,
  SESSION,
  APPEND,
  `
-- Adds the ids of staged messages to the order, all at once. Only while the
-- session says that they are staged: no other append came between, so their
-- numbers and dates are right, and a replica that was promoted has all of them.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set; KEYS[3...] hashes of
-- messages that are to be declared
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] TTL ms; ARGV[4] what "staged" holds
-- when all parts are there; ARGV[5] ms that the messages expire at, "" for never;
-- ARGV[6] sequence of the last one; ARGV[7] number of the messages that the
-- session had; then their ids; then score, id, ...
-- Returns {"ok", lastActivityAt ms, nil if the first attempt of this call added
-- them}; {"overtaken", what "staged" holds}; {"missing"}; {"older"};
-- {"slide", ids, user} or {"corrupt", key, why}
-- Cost: O(log M) of the session's messages, each message
local marker, expires = ARGV[4], tonumber(ARGV[5])
local from = 8 + tonumber(ARGV[7])

local wrong = read_end()
if wrong then return wrong end
local last_score = tonumber(ARGV[#ARGV - 1])
local active_at = whole(math.max(now, last_score))

-- One of them alone proves nothing: another call can have appended it.
local function are_all_added()
  for at = from, #ARGV, 2 do
    local score = redis.call("ZSCORE", messages, ARGV[at + 1])
    if not score or tonumber(score) ~= tonumber(ARGV[at]) then return false end
  end
  return true
end
if stored[4] ~= marker then
  return are_all_added() and {"ok"} or {"overtaken", stored[4]}
end
-- What the call returns as stored must not have been removed meanwhile.
for at = 8, from - 1 do
  if not redis.call("ZSCORE", messages, ARGV[at]) then return {"overtaken", marker} end
end
local user = stored[3] or nil
local plan
plan, wrong = plan_slide(stored[2], user)
if wrong then return wrong end
-- Where a quarter of the TTL has passed, or the TTL is another one now, what is
-- staged would expire too early. Without a TTL a moment is read off the clock,
-- and may differ by the ms that passed between.
local is_timely = not plan.ids and (plan.moment == nil) == (expires == nil)
  and (expires == nil or math.abs(plan.moment - expires) <= 1)
if not is_timely then return {"overtaken", marker} end
wrong = note_activity(math.max(now, last_score), id)
if wrong then return wrong end

-- unpack takes some thousand values at most.
for at = from, #ARGV, 1000 do
  redis.call("ZADD", messages, unpack(ARGV, at, math.min(at + 999, #ARGV)))
end
redis.call("HSET", session, "lastSequence", ARGV[6], "lastActivityAt", active_at)
redis.call("HDEL", session, "staged")
slide(user, plan)
if ttl == 0 and left >= 0 and redis.call("PTTL", messages) == -1 then
  redis.call("PEXPIREAT", messages, whole(now + left))
end
return {"ok", active_at}
`,
);

/** What was staged. */
export interface Staged {
  readonly token: string;
  /** How many parts there are. */
  readonly parts: number;
  readonly beginning: Beginning;
  /** The messages of the call that the session had already. */
  readonly known: readonly MessageId[];
  /** The messages in their order, and the moment at which each is dated. */
  readonly entries: readonly {
    readonly id: MessageId;
    readonly createdAtMs: number;
  }[];
}

/** Adds what was staged, and returns what the script says. */
export async function addStaged(
  store: Store,
  sessionId: SessionId,
  { token, parts, beginning, known, entries }: Staged,
): Promise<Reply<"ok" | "overtaken" | "missing" | "older">> {
  const { startMs, sequence, expires } = beginning;
  return await runDeclared(store, script, sessionId, {
    args: [
      `${token}:${parts}:${startMs}:${sequence}`,
      expires,
      String(sequence + entries.length),
      String(known.length),
      ...known,
      ...entries.flatMap(({ id, createdAtMs }) => [String(createdAtMs), id]),
    ],
  });
}

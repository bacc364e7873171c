/**
 * Reads what the indexes of a cluster hold of a session.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import { runScript, type Store } from "../store.ts";
import type { SessionId } from "../types.ts";
import { BASE } from "./prelude/base.ts";
import { DATES } from "./prelude/older.ts";

const script = defineScript(
  BASE,
  DATES,
  `
-- Reads what the indexes hold of a session.
--
-- KEYS[1] session hash
-- ARGV[1] prefix; ARGV[2] layout
-- Returns {"ok", createdAt ms, lastActivityAt ms, expiresAt ms, userId, ms that
-- its messages live at the most}, the last three nil where there is none;
-- {"missing"} or {"corrupt", key, why}
-- Cost: O(1)
local session = KEYS[1]
local stored, wrong = typed(session, "hash",
  redis.pcall("HMGET", session, "createdAt", "lastActivityAt", "expiresAt", "userId", "messagesExpireAt", "lastSequence"))
if wrong then return wrong end
local left = redis.call("PTTL", session)
if left == -2 then return {"missing"} end
-- The documented adapter, which kept no lastSequence, wrote "" for no user.
local user = (stored[4] ~= "" or stored[6]) and stored[4]
local facts = {"ok"}
for i, name in ipairs({"createdAt", "lastActivityAt", "expiresAt"}) do
  local text = stored[i] ~= "" and stored[i]
  local ms = to_ms(text)
  if not ms and (text or name ~= "expiresAt") then
    return {"corrupt", session, 'has no readable field "' .. name .. '"'}
  end
  facts[#facts + 1] = ms or false
end
local life = left >= 0 and math.max(left, (integer(stored[5]) or 0) - clock())
facts[#facts + 1] = user
facts[#facts + 1] = life
return facts
`,
);

/** What the indexes hold of a session. */
export interface SessionFacts {
  readonly createdAtMs?: number | undefined;
  readonly lastActivityAtMs?: number | undefined;
  readonly expiresAtMs?: number | undefined;
  readonly userId?: string | undefined;
  /** How long its messages live at the most; for ever unless given. */
  readonly lifeMs?: number | undefined;
}

/** Reads what the indexes hold of a session; undefined when there is none. */
export async function readFacts(
  store: Store,
  id: SessionId,
): Promise<SessionFacts | undefined> {
  const [status, ...facts] = await runScript<"ok" | "missing">(
    store,
    script,
    [store.keys.session(id)],
    [...store.keys.scope],
  );
  if (status === "missing") return undefined;
  return factsOf(facts);
}

/** Returns what a script says of a session, in the order of `SessionFacts`. */
export function factsOf(facts: readonly unknown[]): SessionFacts {
  const [createdAt, lastActivityAt, expiresAt, userId, life] = facts;
  const number = (value: unknown) => value == null ? undefined : Number(value);
  return {
    createdAtMs: number(createdAt),
    lastActivityAtMs: number(lastActivityAt),
    expiresAtMs: number(expiresAt),
    userId: userId as string | null ?? undefined,
    lifeMs: number(life),
  };
}

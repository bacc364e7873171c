/**
 * Reads a session.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import { decodeSession } from "../session_codec.ts";
import { fieldsOf, type Store } from "../store.ts";
import type { Session, SessionId } from "../types.ts";
import { runDeclared } from "./declared_script.ts";
import { BASE } from "./prelude/base.ts";
import { SESSION_KEYS, SLIDE_ON_READ } from "./prelude/session.ts";

const script = defineScript(
  BASE,
  SESSION_KEYS,
  SLIDE_ON_READ,
  `
-- Reads a session, and starts its TTL again where that is asked for.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set; KEYS[3...] hashes of
-- messages that are to be declared
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] TTL ms to start again, or 0
-- Returns {"ok", HGETALL of the session, empty when missing}, {"slide", ids,
-- user} or {"corrupt", key, why}
-- Cost: O(1); O(M) of the session's messages once in a quarter of the TTL
local flat, wrong = typed(session, "hash", redis.pcall("HGETALL", session))
if wrong then return wrong end
local more = slide_on_read()
if more then return more end
return {"ok", flat}
`,
);

/** Reads a session; null when there is none. */
export async function readSession(
  store: Store,
  id: SessionId,
): Promise<Session | null> {
  const key = store.keys.session(id);
  // On a cluster HGETALL may go to a replica, which may not know the last writes.
  const hash = store.refreshTtlOnRead || store.hints !== undefined
    ? await readByScript(store, id)
    : await store.port.readHash(key);
  if (Object.keys(hash).length === 0) return null;
  return decodeSession(id, hash, store);
}

async function readByScript(store: Store, id: SessionId) {
  const [, flat] = await runDeclared<"ok">(store, script, id, {
    slides: store.refreshTtlOnRead,
  });
  return fieldsOf(flat as string[]);
}

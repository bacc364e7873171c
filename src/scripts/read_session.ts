/**
 * Reads a session.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import { decodeSession } from "../session_codec.ts";
import {
  fieldsOf,
  runScript,
  sessionArgs,
  sessionKeys,
  type Store,
} from "../store.ts";
import type { Session, SessionId } from "../types.ts";
import { BASE } from "./prelude/base.ts";
import { INDEXES } from "./prelude/indexes.ts";
import { SESSION, SLIDE_ONLY } from "./prelude/session.ts";

const script = defineScript(
  BASE,
  INDEXES,
  SESSION,
  SLIDE_ONLY,
  `
-- Reads a session and starts its TTL again.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set
-- ARGV[1] prefix; ARGV[2] hash tags; ARGV[3] id; ARGV[4] TTL ms
-- Returns {"ok", HGETALL of the session, empty when missing} or {"corrupt", key, why}
-- Cost: O(1); O(M) of the session's messages once in a quarter of the TTL
local flat, wrong = typed(session, "hash", redis.pcall("HGETALL", session))
if wrong then return wrong end
slide_on_read()
return {"ok", flat}
`,
);

/** Reads a session; null when there is none. */
export async function readSession(
  store: Store,
  id: SessionId,
): Promise<Session | null> {
  const key = store.keys.session(id);
  const hash = store.refreshTtlOnRead
    ? await readAndRefresh(store, id)
    : await store.port.readHash(key);
  if (Object.keys(hash).length === 0) return null;
  return decodeSession(id, hash, store);
}

async function readAndRefresh(store: Store, id: SessionId) {
  const [, flat] = await runScript<"ok">(
    store,
    script,
    sessionKeys(store, id),
    sessionArgs(store, id),
  );
  return fieldsOf(flat as string[]);
}

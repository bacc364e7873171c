/**
 * The names of all keys, for TypeScript and for Lua. docs/storage.md lists
 * what each holds.
 *
 * @module
 */

import { Failure, show } from "./failure.ts";
import { checkId } from "./check.ts";
import type { MessageId, SessionId } from "./types.ts";

/**
 * How the keys lie: "plain"; "tagged", each session with a hash tag; "cluster",
 * tagged, and the indexes in slots that a script of a session cannot reach.
 */
export type KeyLayout = "plain" | "tagged" | "cluster";

/** Names the keys of one store. */
export class Keys {
  /** The index of sessions by their creation. */
  readonly byCreated: string;
  /** The index of sessions by their last activity. */
  readonly byActivity: string;
  /** The index of sessions by their own deadline. */
  readonly byExpiry: string;
  /** The index of sessions and their users by the native TTL. */
  readonly byDeadline: string;
  /** What the Lua below needs first in ARGV. */
  readonly scope: readonly [prefix: string, layout: string];
  /** What SCAN matches the keys of sessions by, and some others: Lua sorts them out. */
  readonly sessionPattern: string;
  readonly #prefix: string;
  readonly #hashTags: boolean;

  constructor(prefix: string, layout: KeyLayout) {
    this.#prefix = prefix;
    this.#hashTags = layout !== "plain";
    this.scope = [prefix, layout];
    this.byCreated = `${prefix}sessions:by-created`;
    this.byActivity = `${prefix}sessions:by-activity`;
    this.byExpiry = `${prefix}sessions:by-expiry`;
    this.byDeadline = `${prefix}sessions:by-deadline`;
    this.sessionPattern = `${prefix.replace(/[\\*?[\]]/g, "\\$&")}session:*`;
  }

  /** The session's hash. */
  session(id: SessionId): string {
    return `${this.#prefix}session:${this.#tag(id)}`;
  }

  /** The sorted set of the session's message ids. */
  messages(id: SessionId): string {
    return `${this.session(id)}:messages`;
  }

  /** Where the documented adapter counted the session's messages. */
  sequence(id: SessionId): string {
    return `${this.session(id)}:seq`;
  }

  /** The set of the user's sessions. */
  user(id: string): string {
    return `${this.#prefix}user:${id}:sessions`;
  }

  /** The message's hash; `*` as message id gives the pattern of `SORT_RO`. */
  message(sessionId: SessionId, id: MessageId): string {
    return this.#hashTags
      ? `${this.#prefix}message:{${sessionId}}:${id}`
      : `${this.#prefix}message:${id}`;
  }

  /** Whether the pattern of the session's messages has its `*` where the id goes, and nowhere before. */
  canSortBy(sessionId: SessionId): boolean {
    // SORT replaces the first `*` of a pattern and reads it up to a NUL.
    return !/[*\0]/.test(
      this.#hashTags ? this.#prefix + sessionId : this.#prefix,
    );
  }

  #tag(id: SessionId): string {
    return this.#hashTags ? `{${id}}` : id;
  }

  /** Checks a session id: one whose keys could be another session's is refused. */
  checkSessionId(value: unknown): SessionId {
    const id = checkId(value, "session id");
    if (!this.#hashTags && /:(?:messages|seq)$/.test(id)) {
      throw new Failure(
        "invalid-argument",
        `session id must not end in ":messages" or ":seq", got ${show(id)}`,
      );
    }
    if (this.#hashTags && id.includes("}")) {
      throw new Failure(
        "invalid-argument",
        `session id must not hold "}" when hashTags is on, got ${show(id)}`,
      );
    }
    return id;
  }
}

/**
 * All names in Lua; the first piece of every script.
 *
 * ARGV[1] prefix, ARGV[2] the layout.
 */
export const KEYS_LUA = `
local prefix, tagged, apart = ARGV[1], ARGV[2] ~= "plain", ARGV[2] == "cluster"
local by_created = prefix .. "sessions:by-created"
local by_activity = prefix .. "sessions:by-activity"
local by_expiry = prefix .. "sessions:by-expiry"
local by_deadline = prefix .. "sessions:by-deadline"
local function session_key(id)
  return prefix .. "session:" .. (tagged and "{" .. id .. "}" or id)
end
-- The id that a session's key names.
local function id_of(key)
  return string.sub(key, #session_key("") + (tagged and 0 or 1), tagged and -2 or -1)
end
local function messages_key(id)
  return session_key(id) .. ":messages"
end
local function message_key(session_id, id)
  return prefix .. "message:" .. (tagged and "{" .. session_id .. "}:" or "") .. id
end
local function user_key(user)
  return prefix .. "user:" .. user .. ":sessions"
end
`;

/**
 * Sessions and messages for tests, as small as they can be.
 *
 * @module
 */

import type {
  NewMessage,
  NewSession,
} from "@reaatech/session-continuity-storage-redis";

/** Returns a session to create; what is given goes on top, an id too. */
export function newSession(
  given: Partial<NewSession> & { id?: string } = {},
): NewSession {
  return {
    status: "active",
    metadata: {},
    participants: [],
    schemaVersion: 1,
    ...given,
  };
}

/** Returns a message to append; what is given goes on top, an id too. */
export function newMessage(
  content: NewMessage["content"] = "Hello",
  given: Partial<NewMessage> & { id?: string } = {},
): NewMessage {
  return { role: "user", content, ...given };
}

/** Returns updates that remove these properties. */
export function unset(...names: string[]): Record<never, never> {
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

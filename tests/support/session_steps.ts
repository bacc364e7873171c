/**
 * Steps of a writer who has a session to itself: each as a call, and as what it
 * has to do.
 *
 * @module
 */

import {
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import type { ReadState, SessionState, Step } from "./possible_states.ts";
import { newMessage, newSession } from "./records.ts";

/** So long that two messages of it are not appended by one script. */
const LONG = "x".repeat(260_000);

/** The users that sessions move between. */
export const STEP_USERS = ["ada", "bob", "cy"];

/** A step that can be sent to a store. */
export interface SentStep extends Step {
  /** Makes the call; resolves to the reply that the step foretells. */
  readonly send: (storage: RedisAdapter) => Promise<string>;
}

/**
 * Returns a writer's next step on a session.
 *
 * @param draw picks a number below another
 * @param hasParts whether some appends are so large that they are made in parts
 */
export function nextStep(
  id: string,
  number: number,
  state: SessionState,
  draw: (below: number) => number,
  hasParts = false,
): SentStep {
  const userId = STEP_USERS[draw(STEP_USERS.length)]!;
  if (state === null) return create(id, userId);
  const kind = draw(hasParts ? 25 : 24);
  if (kind === 24) return appendLarge(id, `${id}-${number}`);
  if (kind < 9) return append(id, `${id}-${number}`);
  if (kind < 14) return update(id, userId, number);
  if (kind < 16) {
    const place = draw(state.messages.length + 1);
    return deleteMessage(id, state.messages[place]?.[0] ?? "none");
  }
  if (kind < 17) return deleteMessages(id);
  if (kind < 21) return read(id);
  // Rather seldom, so that sessions come to have something.
  return kind < 23 ? deleteSession(id) : create(id, userId);
}

/** Reads the state that a session is in. */
export async function readState(
  storage: RedisAdapter,
  id: string,
): Promise<ReadState> {
  const session = await storage.getSession(id);
  if (session === null) return null;
  const messages = await storage.getMessages(id);
  return {
    userId: session.userId!,
    tokenCount: session.tokenCount!,
    version: session.version!,
    messages: messages.map((message) => [message.id, message.sequence!]),
  };
}

function create(id: string, userId: string): SentStep {
  return {
    name: `create ${id} of ${userId}`,
    send: (storage) =>
      told(async () => {
        const session = newSession({ id, userId, tokenCount: 0 });
        return `version ${(await storage.createSession(session)).version}`;
      }),
    apply: (state) =>
      state !== null ? { state, reply: "already-exists" } : {
        state: {
          ...{ userId, tokenCount: 0, version: 1, lastSequence: 0 },
          messages: [],
        },
        reply: "version 1",
      },
  };
}

function update(id: string, userId: string, tokenCount: number): SentStep {
  return {
    name: `update ${id} to ${userId}, ${tokenCount}`,
    send: (storage) =>
      told(async () => {
        const change = { userId, tokenCount };
        const session = await storage.updateSession(id, change);
        return `version ${session.version}`;
      }),
    apply: (state) => {
      if (state === null) return { state, reply: "not-found" };
      const version = state.version + 1;
      return {
        state: { ...state, userId, tokenCount, version },
        reply: `version ${version}`,
      };
    },
  };
}

function append(id: string, messageId: string): SentStep {
  return {
    name: `append ${messageId}`,
    send: (storage) =>
      told(async () => {
        const message = newMessage(messageId, { id: messageId });
        return `sequence ${(await storage.addMessage(id, message)).sequence}`;
      }),
    apply: (state) => {
      if (state === null) return { state, reply: "not-found" };
      const known = state.messages.find(([known]) => known === messageId);
      if (known !== undefined) return { state, reply: `sequence ${known[1]}` };
      const lastSequence = state.lastSequence + 1;
      return {
        state: {
          ...state,
          lastSequence,
          messages: [...state.messages, [messageId, lastSequence]],
        },
        reply: `sequence ${lastSequence}`,
      };
    },
  };
}

/** Appends two messages that are not appended by one script. */
function appendLarge(id: string, messageId: string): SentStep {
  const ids = [`${messageId}a`, `${messageId}b`];
  const replyOf = (sequences: readonly number[]) => `sequences ${sequences}`;
  return {
    name: `append ${ids}`,
    send: (storage) =>
      told(async () => {
        const given = ids.map((each) => newMessage(LONG, { id: each }));
        const added = await storage.addMessages(id, given);
        return replyOf(added.map(({ sequence }) => sequence!));
      }),
    apply: (state) => {
      if (state === null) return { state, reply: "not-found" };
      let { lastSequence } = state;
      const messages = [...state.messages];
      const sequences = ids.map((each) => {
        const known = messages.find(([id]) => id === each);
        if (known !== undefined) return known[1];
        messages.push([each, ++lastSequence]);
        return lastSequence;
      });
      const next = { ...state, messages, lastSequence };
      return { state: next, reply: replyOf(sequences) };
    },
  };
}

function read(id: string): SentStep {
  const textOf = (messages: readonly (readonly [string, number])[]) =>
    messages.map(([id, sequence]) => `${id} as ${sequence}`).join();
  return {
    name: `read ${id}`,
    isRead: true,
    send: (storage) =>
      told(async () => {
        const messages = await storage.getMessages(id);
        return textOf(messages.map(({ id, sequence }) => [id, sequence!]));
      }),
    apply: (state) => ({ state, reply: textOf(state?.messages ?? []) }),
  };
}

function deleteMessage(id: string, messageId: string): SentStep {
  return {
    name: `delete message ${messageId}`,
    send: (storage) => told(() => storage.deleteMessage(id, messageId)),
    apply: (state) => {
      if (state === null) return { state, reply: "done" };
      const messages = state.messages.filter(([each]) => each !== messageId);
      return { state: { ...state, messages }, reply: "done" };
    },
  };
}

function deleteMessages(id: string): SentStep {
  return {
    name: `delete messages of ${id}`,
    send: (storage) => told(() => storage.deleteAllMessages(id)),
    apply: (state) => ({
      state: state && { ...state, messages: [] },
      reply: "done",
    }),
  };
}

function deleteSession(id: string): SentStep {
  return {
    name: `delete ${id}`,
    send: (storage) => told(() => storage.deleteSession(id)),
    apply: () => ({ state: null, reply: "done" }),
  };
}

/** Returns what a caller is told; a refusal that says what is stored is an answer, too. */
async function told(call: () => Promise<string | void>): Promise<string> {
  try {
    return await call() ?? "done";
  } catch (error) {
    const reason = error instanceof StorageError ? error.reason : undefined;
    if (reason === "not-found" || reason === "already-exists") return reason;
    throw error;
  }
}

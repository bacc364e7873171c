/**
 * What the benchmark asks of each store that it measures.
 *
 * @module
 */

import type { SampleMessage } from "../messages.ts";

/** The time that every contender lets a session live after a write, in seconds. */
export const TTL_SECONDS = 3600;

/** How many messages are stored at once where time does not count. */
const FILL_BATCH = 500;

/** A message as a store returns it. */
export interface FoundMessage {
  readonly content: unknown;
}

/** A session as a store returns it. */
export interface FoundSession {
  readonly id?: string;
  readonly userId?: string;
  readonly metadata: { readonly title?: string };
}

/** What an update writes. */
export interface SessionChange {
  readonly title: string;
  readonly tokenCount: number;
}

/** Calls on sessions, where a store has sessions. */
export interface SessionCalls {
  /** Stores a session of a user, and returns its id. */
  create(userId: string): Promise<string>;
  /** Reads a session. */
  get(id: string): Promise<FoundSession | null>;
  /** Writes two fields of a session. */
  update(id: string, change: SessionChange): Promise<unknown>;
  /** Writes them if nobody has written since that version; absent: it cannot be told at once. */
  updateIfVersion?(
    id: string,
    change: SessionChange,
    version: number,
  ): Promise<unknown>;
  /** Reads all sessions of a user; absent: there is no index. */
  list?(userId: string): Promise<readonly FoundSession[]>;
  /** Reads the newest sessions of all users; absent: there is no index. */
  page?(count: number): Promise<readonly FoundSession[]>;
}

/** A store that is measured, on one connection of its own. */
export interface Contender {
  /** Makes room for the messages of a session, and returns its id. */
  open(userId: string): Promise<string>;
  /** Appends messages in the fastest way there is; never measured. */
  fill(sessionId: string, messages: readonly SampleMessage[]): Promise<void>;
  /** Appends a message. */
  addMessage(sessionId: string, message: SampleMessage): Promise<unknown>;
  /** Appends messages in the way that the store offers for several. */
  addMessages(
    sessionId: string,
    messages: readonly SampleMessage[],
  ): Promise<unknown>;
  /** Reads all messages of a session, in their order. */
  getMessages(sessionId: string): Promise<readonly FoundMessage[]>;
  /** Reads the last messages of a session, in their order. */
  getLast(sessionId: string, count: number): Promise<readonly FoundMessage[]>;
  /** Reads the messages of one role, in their order. */
  getByRole(
    sessionId: string,
    role: SampleMessage["role"],
  ): Promise<readonly FoundMessage[]>;
  /** Removes a session and its messages; absent: there is no such call. */
  deleteSession?(sessionId: string): Promise<unknown>;
  /** Removes what was stored, in whatever way; never measured. */
  forget(sessionId: string): Promise<unknown>;
  /** Absent: the store knows messages only. */
  readonly sessions?: SessionCalls;
  /** Closes the client. */
  close(): Promise<unknown>;
}

/** A contender that can be connected to a server. */
export interface Entry {
  /** How tables call it. */
  readonly name: string;
  /** What it is made of, with versions. */
  readonly client: string;
  /** Connects to a server; every key begins with the prefix. */
  connect(url: string, keyPrefix: string): Promise<Contender>;
}

/** Connects a client of any version of node-redis. */
export async function connected<
  T extends {
    on(event: "error", listener: (error: unknown) => void): unknown;
    connect(): Promise<unknown>;
  },
>(client: T): Promise<T> {
  client.on("error", (error) => console.error(error));
  await client.connect();
  return client;
}

/** Hands messages on in batches. */
export async function inBatches(
  messages: readonly SampleMessage[],
  store: (batch: readonly SampleMessage[]) => Promise<unknown>,
): Promise<void> {
  for (let i = 0; i < messages.length; i += FILL_BATCH) {
    await store(messages.slice(i, i + FILL_BATCH));
  }
}

/**
 * What the benchmark asks of each store that it measures.
 *
 * @module
 */

import type { SampleMessage } from "../messages.ts";

/** The time that every contender lets a session live after a write, in seconds. */
export const TTL_SECONDS = 3600;

/** Calls on sessions, where a store has sessions. */
export interface SessionCalls {
  /** Stores a session of a user, and returns its id. */
  create(userId: string): Promise<string>;
  /** Reads a session. */
  get(id: string): Promise<unknown>;
  /** Writes a session's title and its count of tokens. */
  update(id: string, title: string, tokenCount: number): Promise<unknown>;
  /** Reads all sessions of a user. */
  list(userId: string): Promise<readonly unknown[]>;
}

/** A store that is measured, on a client of its own. */
export interface Contender {
  /** Makes room for the messages of a session, and returns its id. */
  open(userId: string): Promise<string>;
  /** Appends a message. */
  addMessage(sessionId: string, message: SampleMessage): Promise<unknown>;
  /** Reads all messages of a session, in their order. */
  getMessages(sessionId: string): Promise<readonly { content: unknown }[]>;
  /** Absent: the store knows messages only. */
  readonly sessions?: SessionCalls;
  /** Closes the client. */
  close(): Promise<void>;
}

/** A contender that can be connected to a server. */
export interface Entry {
  /** How tables call it. */
  readonly name: string;
  /** The client that it runs on, with its version. */
  readonly client: string;
  /** Connects to a server; every key begins with the prefix. */
  connect(url: string, keyPrefix: string): Promise<Contender>;
}

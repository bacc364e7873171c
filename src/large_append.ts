/**
 * Appends of more messages than one script should write: nobody waits for a
 * script of an append longer than some milliseconds. The hashes are staged in
 * parts, under ids that no order has, so that nobody reads them; then one script
 * adds all ids to the order. docs/storage.md says why they are all there then.
 *
 * @module
 */

import pRetry from "p-retry";
import { v7 as uuid } from "uuid";
import { compareIds } from "./code_points.ts";
import type { Checkpoint } from "./deadline.ts";
import { afterStored, Failure } from "./failure.ts";
import { tidy } from "./hints.ts";
import { decodeAppended, type EncodedMessage } from "./message_codec.ts";
import { addStaged } from "./scripts/add_staged.ts";
import { takenId } from "./scripts/append_messages.ts";
import { dropStaged } from "./scripts/drop_staged.ts";
import { decodeRow, type MessageRow } from "./scripts/message_row.ts";
import {
  type Beginning,
  type StagedMessage,
  stageMessages,
} from "./scripts/stage_messages.ts";
import type { Store } from "./store.ts";
import type { Message, MessageId, SessionId } from "./types.ts";

/** What one script writes at most; a larger message is written by itself. */
const MOST_MESSAGES = 200;
const MOST_CHARACTERS = 500_000;

const SHORTEST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 500;

/** Whether an append is to be made in parts. */
export function isLarge(messages: readonly EncodedMessage[]): boolean {
  return partsOf(messages).length > 1;
}

/**
 * Appends messages, all or none, and returns each as it is stored.
 *
 * @param checkpoint throws when nobody waits any more
 */
export async function appendInParts(
  store: Store,
  sessionId: SessionId,
  messages: readonly EncodedMessage[],
  checkpoint: Checkpoint,
): Promise<Message[]> {
  return await pRetry(async () => {
    checkpoint();
    const append = new LargeAppend(store, sessionId, checkpoint);
    return await append.run(messages);
  }, {
    // Those who overtake each other must not go on in step.
    retries: Infinity,
    minTimeout: SHORTEST_PAUSE_MS,
    maxTimeout: LONGEST_PAUSE_MS,
    randomize: true,
    shouldRetry: ({ error }) => error instanceof Overtaken,
  });
}

/** Another append came between: the numbers and the dates are no longer right. */
class Overtaken extends Error {}

/** One attempt. */
class LargeAppend {
  readonly #store: Store;
  readonly #sessionId: SessionId;
  readonly #checkpoint: Checkpoint;
  readonly #token = uuid();
  readonly #staged: StagedMessage[] = [];
  /** What the session has already. */
  readonly #known = new Map<MessageId, MessageRow>();
  #parts = 0;
  #beginning: Beginning | undefined;

  constructor(store: Store, sessionId: SessionId, checkpoint: Checkpoint) {
    this.#store = store;
    this.#sessionId = sessionId;
    this.#checkpoint = checkpoint;
  }

  async run(messages: readonly EncodedMessage[]): Promise<Message[]> {
    // The first message of an id is the one that is stored.
    const first = new Map<MessageId, EncodedMessage>();
    for (const message of messages) {
      if (!first.has(message.id)) first.set(message.id, message);
    }
    const parts = partsOf([...first.values()]);
    try {
      for (const part of parts) await this.#stage(part);
      await this.#add();
    } catch (error) {
      const dropped = this.#drop(parts);
      // A server that is away takes its time, and the caller is not to wait.
      if (!isAway(error)) await dropped;
      throw error;
    }
    return this.#read(messages);
  }

  /** Stages a part, but for what the session has already. */
  async #stage(messages: readonly EncodedMessage[]): Promise<void> {
    const fresh = this.#dated(
      messages.filter(({ id }) => !this.#known.has(id)),
    );
    if (fresh.length === 0) return;
    this.#checkpoint();
    const [status, ...details] = await stageMessages(
      this.#store,
      this.#sessionId,
      {
        token: this.#token,
        number: this.#parts + 1,
        beginning: this.#beginning,
        before: this.#staged.length,
        messages: fresh,
      },
    );
    if (status === "known") {
      for (const row of details[0] as MessageRow[]) {
        // One that cannot be returned has to be reported before others are written.
        decodeRow(this.#store, this.#sessionId, row);
        this.#known.set(row[0], row);
      }
      return await this.#stage(messages);
    }
    if (status !== "ok") throw failureOf(status, details);
    const [startMs, sequence, expires] = details as [string, number, string];
    this.#beginning = { startMs: Number(startMs), sequence, expires };
    this.#staged.push(...fresh);
    this.#parts++;
  }

  /** Dates messages after those that are staged: within one ms the order goes by ids. */
  #dated(messages: readonly EncodedMessage[]): StagedMessage[] {
    let last = this.#staged.at(-1);
    return messages.map((message) => {
      const isInStep = last === undefined ||
        compareIds(last.message.id, message.id) < 0;
      const afterMs = (last?.afterMs ?? 0) + (isInStep ? 0 : 1);
      last = { message, afterMs };
      return last;
    });
  }

  async #add(): Promise<void> {
    const beginning = this.#beginning;
    // The session had all of them.
    if (beginning === undefined) return;
    this.#checkpoint();
    const [status, ...details] = await addStaged(this.#store, this.#sessionId, {
      token: this.#token,
      parts: this.#parts,
      expires: beginning.expires,
      lastSequence: beginning.sequence + this.#staged.length,
      entries: this.#staged.map(({ message: { id }, afterMs }) => ({
        id,
        createdAtMs: beginning.startMs + afterMs,
      })),
    });
    if (status !== "ok") throw failureOf(status, details);
    const lastActivityAtMs = Number(details[0]);
    await this.#store.hints?.add(this.#sessionId, { lastActivityAtMs })
      .catch(afterStored);
  }

  /** Tries to leave nothing behind. */
  async #drop(parts: readonly (readonly EncodedMessage[])[]): Promise<void> {
    // A part that failed may be staged all the same.
    for (const part of parts.slice(0, this.#parts + 1)) {
      const ids = part.map(({ id }) => id);
      await tidy(() =>
        dropStaged(this.#store, this.#sessionId, this.#token, ids)
      );
    }
  }

  #read(messages: readonly EncodedMessage[]): Message[] {
    const places = new Map(
      this.#staged.map(({ message, afterMs }, i) => [
        message.id,
        { message, afterMs, i },
      ]),
    );
    return messages.map(({ id }) => {
      const row = this.#known.get(id);
      if (row !== undefined) {
        return decodeRow(this.#store, this.#sessionId, row);
      }
      // What the session had not was staged.
      const { message, afterMs, i } = places.get(id)!;
      const { startMs, sequence } = this.#beginning!;
      return decodeAppended(this.#sessionId, message, {
        createdAt: startMs + afterMs,
        sequence: sequence + i + 1,
      });
    });
  }
}

function failureOf(status: string, details: readonly unknown[]): Error {
  if (status === "missing") return new Failure("not-found", "not found");
  if (status === "taken") return takenId(details);
  return new Overtaken();
}

function isAway(error: unknown): boolean {
  return error instanceof Failure &&
    (error.reason === "timeout" || error.reason === "unavailable");
}

/** Divides messages into what one script writes. */
function partsOf(messages: readonly EncodedMessage[]): EncodedMessage[][] {
  const parts: EncodedMessage[][] = [];
  let characters = 0;
  for (const message of messages) {
    const size = message.content.length + (message.metadata?.length ?? 0);
    const part = parts.at(-1);
    if (
      part === undefined || part.length === MOST_MESSAGES ||
      characters + size > MOST_CHARACTERS
    ) {
      parts.push([message]);
      characters = size;
    } else {
      part.push(message);
      characters += size;
    }
  }
  return parts;
}

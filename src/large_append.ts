/**
 * Appends of more messages than one script should write: nobody waits for a
 * script of an append longer than some milliseconds. The hashes are staged in
 * parts, under ids that no order has, so that nobody reads them; then one script
 * adds all ids to the order. docs/storage.md says why they are all there then.
 *
 * @module
 */

import pRetry from "p-retry";
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
const MOST_MESSAGES = 150;
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
  const call: LargeCall = {
    ...{ store, sessionId, checkpoint, token: crypto.randomUUID() },
    parts: partsOf(withoutRepeated(messages)),
  };
  const progress: Progress = { attempts: 0, parts: 0, seen: "" };
  try {
    const attempt = await pRetry(async () => {
      const attempt = new Attempt(call, progress);
      await attempt.run();
      return attempt;
    }, {
      // Those who overtake each other must not go on in step.
      retries: Infinity,
      minTimeout: SHORTEST_PAUSE_MS,
      maxTimeout: LONGEST_PAUSE_MS,
      randomize: true,
      shouldRetry: ({ error }) => error instanceof Overtaken,
    });
    return messages.map(({ id }) => attempt.read(id));
  } catch (error) {
    const dropped = drop(call, progress);
    // A server that is away takes its time, and the caller is not to wait.
    if (!isAway(error)) await dropped;
    throw error;
  }
}

/** Tries to leave nothing behind. */
async function drop(
  { store, sessionId, token, parts }: LargeCall,
  progress: Progress,
): Promise<void> {
  for (const part of parts.slice(0, progress.parts)) {
    const ids = part.map(({ id }) => id);
    await tidy(() => dropStaged(store, sessionId, token, ids));
  }
}

/** What is to be appended. */
interface LargeCall {
  readonly store: Store;
  readonly sessionId: SessionId;
  readonly token: string;
  /** Each id once. */
  readonly parts: readonly (readonly EncodedMessage[])[];
  readonly checkpoint: Checkpoint;
}

/** What the attempts of a call leave to what comes after them. */
interface Progress {
  attempts: number;
  /** How many parts one of them has begun; one that failed may be staged all the same. */
  parts: number;
  /** What "staged" held when the last one was overtaken. */
  seen: string;
}

/** Another append came between: the numbers and the dates are no longer right. */
class Overtaken extends Error {}

/** One attempt. */
class Attempt {
  readonly #call: LargeCall;
  readonly #progress: Progress;
  readonly #token: string;
  readonly #staged: StagedMessage[] = [];
  /** The places of what is staged. */
  readonly #places = new Map<MessageId, number>();
  /** What the session has already. */
  readonly #known = new Map<MessageId, MessageRow>();
  #parts = 0;
  #beginning: Beginning | undefined;

  constructor(call: LargeCall, progress: Progress) {
    this.#call = call;
    this.#progress = progress;
    this.#token = `${call.token}:${++progress.attempts}`;
  }

  async run(): Promise<void> {
    const { parts } = this.#call;
    for (const [i, part] of parts.entries()) await this.#stage(part, i + 1);
    await this.#add();
  }

  /** Stages a part, but for what the session has already. */
  async #stage(
    messages: readonly EncodedMessage[],
    place: number,
  ): Promise<void> {
    const { store, sessionId, checkpoint } = this.#call;
    const fresh = this.#dated(
      messages.filter(({ id }) => !this.#known.has(id)),
    );
    if (fresh.length === 0) return;
    checkpoint();
    this.#progress.parts = Math.max(this.#progress.parts, place);
    const [status, ...details] = await stageMessages(store, sessionId, {
      token: this.#token,
      number: this.#parts + 1,
      seen: this.#progress.seen,
      beginning: this.#beginning,
      before: this.#staged.length,
      messages: fresh,
    });
    if (status === "known") {
      for (let i = 0; i < details.length; i += 2) {
        const [id, row] = [
          details[i] as MessageId,
          details[i + 1] as MessageRow,
        ];
        // One that cannot be returned has to be reported before others are written.
        decodeRow(store, sessionId, id, row);
        this.#known.set(id, row);
      }
      return await this.#stage(messages, place);
    }
    if (status !== "ok") throw this.#failureOf(status, details);
    const [startMs, sequence, expires] = details as [string, number, string];
    this.#beginning = { startMs: Number(startMs), sequence, expires };
    for (const each of fresh) {
      this.#places.set(each.message.id, this.#staged.push(each) - 1);
    }
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
    const { store, sessionId, checkpoint } = this.#call;
    const beginning = this.#beginning;
    if (beginning === undefined) {
      // The session had all of them; the call that added them may have ended
      // before its hints.
      return await store.hints?.restore(sessionId).catch(afterStored);
    }
    checkpoint();
    const [status, ...details] = await addStaged(store, sessionId, {
      token: this.#token,
      parts: this.#parts,
      beginning,
      known: [...this.#known.keys()],
      entries: this.#staged.map(({ message: { id }, afterMs }) => ({
        id,
        createdAtMs: beginning.startMs + afterMs,
      })),
    });
    if (status !== "ok") throw this.#failureOf(status, details);
    const [lastActivityAt] = details;
    const hinted = lastActivityAt === undefined
      ? store.hints?.restore(sessionId)
      : store.hints?.add(sessionId, {
        lastActivityAtMs: Number(lastActivityAt),
      });
    await hinted?.catch(afterStored);
  }

  #failureOf(status: string, details: readonly unknown[]): Error {
    if (status === "missing") return new Failure("not-found", "not found");
    if (status === "taken") return takenId(details);
    // "older": a session that was made again by the documented adapter.
    this.#progress.seen = String(details[0] ?? "");
    return new Overtaken();
  }

  /** Returns a message as it is stored. */
  read(id: MessageId): Message {
    const { store, sessionId } = this.#call;
    const row = this.#known.get(id);
    if (row !== undefined) return decodeRow(store, sessionId, id, row);
    // What the session had not was staged.
    const place = this.#places.get(id)!;
    const { message, afterMs } = this.#staged[place]!;
    const { startMs, sequence } = this.#beginning!;
    return decodeAppended(sessionId, message, {
      createdAt: startMs + afterMs,
      sequence: sequence + place + 1,
    });
  }
}

function isAway(error: unknown): boolean {
  return error instanceof Failure &&
    (error.reason === "timeout" || error.reason === "unavailable");
}

/** Returns the first message of each id: it is the one that is stored. */
function withoutRepeated(
  messages: readonly EncodedMessage[],
): EncodedMessage[] {
  const first = new Map<MessageId, EncodedMessage>();
  for (const message of messages) {
    if (!first.has(message.id)) first.set(message.id, message);
  }
  return [...first.values()];
}

/** Divides messages into what one script writes. */
function partsOf(messages: readonly EncodedMessage[]): EncodedMessage[][] {
  const parts: EncodedMessage[][] = [];
  let characters = 0;
  for (const message of messages) {
    const { id, content, metadata = "" } = message;
    const size = id.length + content.length + metadata.length;
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

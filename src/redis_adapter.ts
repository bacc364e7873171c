/**
 * The storage adapter.
 *
 * @module
 */

import { uuidv7 } from "uuidv7";
import { Calls } from "./calls.ts";
import { checkCount, checkDate, checkId, checkObject } from "./check.ts";
import {
  type RedisAdapterConfig,
  resolveConfig,
  type ResolvedConfig,
} from "./config.ts";
import { Deadlines } from "./deadline.ts";
import type { StorageError } from "./errors.ts";
import { expiredSessions } from "./expired_list.ts";
import { asFailure, invalid, show } from "./failure.ts";
import { Hints } from "./hints.ts";
import { HistoryCache } from "./history_cache.ts";
import { Keys } from "./keys.ts";
import { appendInParts, isLarge } from "./large_append.ts";
import { encodeMessage, encodeMessageUpdates } from "./message_codec.ts";
import {
  checkIteratorFilters,
  checkMessageQuery,
  checkSessionFilters,
} from "./queries.ts";
import { RedisPort } from "./redis_port.ts";
import { appendMessages } from "./scripts/append_messages.ts";
import { countMessages } from "./scripts/count_messages.ts";
import { createSession } from "./scripts/create_session.ts";
import { deleteMessages } from "./scripts/delete_messages.ts";
import { deleteSession } from "./scripts/delete_session.ts";
import { readMessage } from "./scripts/read_message.ts";
import { readMessages } from "./scripts/read_messages.ts";
import { readSession } from "./scripts/read_session.ts";
import { touchSession } from "./scripts/touch_session.ts";
import { updateMessage } from "./scripts/update_message.ts";
import { updateSession } from "./scripts/update_session.ts";
import { encodeSession, encodeSessionUpdates } from "./session_codec.ts";
import {
  iterateSessions,
  listSessions,
  reindex,
  type ReindexOptions,
  type ReindexResult,
} from "./session_index.ts";
import type { Store } from "./store.ts";
import type {
  HealthStatus,
  IStorageAdapter,
  Message,
  MessageId,
  MessageQueryOptions,
  NewMessage,
  NewSession,
  Session,
  SessionFilters,
  SessionId,
  UpdateSessionOptions,
} from "./types.ts";

/** Messages that one call appends, at most: the script that adds them all would keep others waiting. */
const APPEND_MOST = 1500;

/**
 * Keeps sessions and their messages in Redis.
 *
 * Each method is one command or one Lua script: it takes effect as a whole or
 * not at all, in one round trip. Exceptions are named where they are. Every
 * method but {@linkcode RedisAdapter.health} rejects with a `StorageError`, or
 * with a `ConcurrencyError`, and with nothing else.
 *
 * @example
 * ```ts
 * import { createClient } from "redis";
 * import { RedisAdapter } from "@reaatech/session-continuity-storage-redis";
 *
 * const client = createClient({ url: "redis://localhost:6379" });
 * client.on("error", (error) => console.error(error));
 * await client.connect();
 *
 * await using storage = new RedisAdapter({ client, ttlSeconds: 3600 });
 * const session = await storage.createSession({
 *   userId: "ada",
 *   status: "active",
 *   metadata: {},
 *   participants: [],
 *   schemaVersion: 1,
 * });
 * await storage.addMessage(session.id, { role: "user", content: "Hello" });
 * ```
 */
export class RedisAdapter implements IStorageAdapter, AsyncDisposable {
  readonly #config: ResolvedConfig;
  readonly #store: Store;
  readonly #deadlines: Deadlines;
  readonly #calls: Calls;
  #closing: Promise<void> | undefined;

  /**
   * Constructs an adapter on a client that is, or will be, connected.
   *
   * @param config the options; only `client` is required
   * @throws {TypeError} when an option has the wrong type
   * @throws {RangeError} when a number is out of its range
   */
  constructor(config: RedisAdapterConfig) {
    this.#config = resolveConfig(config);
    this.#deadlines = new Deadlines(this.#config.timeoutMs);
    const { errors } = this.#config;
    this.#calls = new Calls({ deadlines: this.#deadlines, errors });
    const { client, keyPrefix, keyLayout, ttlMs, refreshTtlOnRead, cache } =
      this.#config;
    const store: Store = {
      port: new RedisPort(client, this.#config),
      keys: new Keys(keyPrefix, keyLayout),
      ttlMs,
      refreshTtlOnRead: refreshTtlOnRead && ttlMs > 0,
      summarizer: this.#config.summarizer,
      ...(cache && { cache: new HistoryCache(cache.maxMessages) }),
      onCorrupt: (failure) => {
        if (this.#config.onCorrupt === undefined) throw failure;
        this.#config.onCorrupt(this.#calls.error("read a record", failure));
      },
    };
    this.#store = keyLayout === "cluster"
      ? { ...store, hints: new Hints(store) }
      : store;
  }

  /**
   * Stores a new session: keeps the `id` if there is one, else makes a UUID
   * (version 7, RFC 9562), and sets `createdAt` and `lastActivityAt`. What an
   * expired session of that id left is removed first.
   *
   * @param session the session; status, metadata, participants, schemaVersion and version have defaults
   * @returns the session as it is stored
   * @throws {StorageError} already-exists when a session has that id; it is not touched
   * @throws {StorageError} invalid-argument when a property is unusable
   */
  createSession(session: NewSession): Promise<Session> {
    let action = "create a session";
    const ids: SessionId[] = [];
    return this.#calls.run(
      () => action,
      async () => {
        const given: unknown = session?.id;
        if (given !== undefined) action = `create session ${show(given)}`;
        const fields = encodeSession(session);
        const id = this.#store.keys.checkSessionId(
          given === undefined ? uuidv7() : given,
        );
        ids.push(id);
        const token = crypto.randomUUID();
        return await createSession(this.#store, id, fields, token);
      },
      ids,
    );
  }

  /**
   * Reads a session.
   *
   * @param id the session's id
   * @returns the session, or null when there is none
   * @throws {StorageError} corrupt-data when the record is not a session
   */
  getSession(id: SessionId): Promise<Session | null> {
    return this.#calls.run(() => `read session ${show(id)}`, async () => {
      this.#store.keys.checkSessionId(id);
      return await readSession(this.#store, id);
    });
  }

  /**
   * Merges fields into a session; a field given as `undefined` is removed.
   * `id` and `createdAt` are ignored. `lastActivityAt` becomes now unless it
   * is given. `version` grows by one unless another one is given: with
   * `expectedVersion`, that same version counts as not given, so that a whole
   * session can be passed back.
   *
   * @param id the session's id
   * @param updates the fields to write
   * @param options with `expectedVersion`, nothing changes unless it is stored
   * @returns the whole session as it is stored
   * @throws {ConcurrencyError} when another version is stored
   * @throws {StorageError} not-found when there is no such session
   * @throws {StorageError} corrupt-data when a field that is left alone cannot be read; the update is stored then
   */
  async updateSession(
    id: SessionId,
    updates: Partial<Session>,
    options: UpdateSessionOptions = {},
  ): Promise<Session> {
    let expected: number | undefined;
    const result = await this.#calls.run(
      () => `update session ${show(id)}`,
      async () => {
        this.#store.keys.checkSessionId(id);
        const { expectedVersion } = checkObject(options, "options");
        if (expectedVersion !== undefined) {
          expected = checkCount(expectedVersion, "expectedVersion");
        }
        const change = encodeSessionUpdates(updates);
        return await updateSession(this.#store, id, change, expected);
      },
    );
    if ("session" in result) return result.session;
    throw new this.#config.errors.ConcurrencyError(
      id,
      // Only an update that expected a version can meet another one.
      expected as number,
      result.actualVersion,
    );
  }

  /**
   * Removes a session, its messages and its index entries, also when the
   * record is corrupt. A missing session is no error.
   *
   * @param id the session's id
   */
  deleteSession(id: SessionId): Promise<void> {
    return this.#calls.run(() => `delete session ${show(id)}`, async () => {
      this.#store.keys.checkSessionId(id);
      await deleteSession(this.#store, id);
    });
  }

  /**
   * Lists sessions: all filters hold, then the order (createdAt or
   * lastActivityAt, then id; ascending unless asked otherwise), then offset and
   * limit. It never scans the keyspace. One round trip for each 300 sessions that
   * it must look at, or 150 or 1 MB that it returns; a user's sessions beyond
   * 500 are put in order in steps.
   *
   * @param filters which sessions to list
   * @returns the sessions
   */
  listSessions(filters: SessionFilters = {}): Promise<Session[]> {
    return this.#calls.run(() => "list sessions", async (checkpoint) => {
      const query = checkSessionFilters(filters);
      return await listSessions(this.#store, query, checkpoint);
    });
  }

  /**
   * Iterates over sessions as {@linkcode RedisAdapter.listSessions} orders
   * them by createdAt, reading a page at a time. A session that is there
   * throughout is visited once, whatever is created and deleted meanwhile.
   *
   * @param filters which sessions to visit; `sortBy` can only be "createdAt"
   * @returns the sessions, one after another
   */
  async *iterateSessions(
    filters: SessionFilters = {},
  ): AsyncGenerator<Session, void, undefined> {
    const step = this.#calls.step("iterate over sessions");
    // deno-lint-ignore require-await -- a wrong filter rejects like the rest
    const query = await step(async () => checkIteratorFilters(filters));
    yield* iterateSessions(this.#store, query, step);
  }

  /**
   * Appends a message. It makes the id unless there is one, the sequence and
   * `createdAt`, moves the session's `lastActivityAt` and starts its TTL again.
   * The order of messages is that in which Redis accepted them. An id that the
   * session has already returns the stored message and changes nothing, so an
   * append can be repeated. O(log n).
   *
   * @param sessionId the session's id
   * @param message the message
   * @returns the message as it is stored
   * @throws {StorageError} not-found when there is no such session
   * @throws {StorageError} already-exists when another session has a message of that id
   */
  async addMessage(
    sessionId: SessionId,
    message: NewMessage,
  ): Promise<Message> {
    // An append returns a message for each that it was given.
    return (await this.#append(sessionId, () => [message], "message"))[0]!;
  }

  /**
   * Appends messages in their order: all of them, or none.
   *
   * @param sessionId the session's id
   * @param messages the messages, at most 1,500; more than 150, or 500,000
   * characters, take a round trip for each so many, and one more
   * @returns the messages as they are stored
   * @throws {StorageError} as {@linkcode RedisAdapter.addMessage}
   */
  addMessages(
    sessionId: SessionId,
    messages: readonly NewMessage[],
  ): Promise<Message[]> {
    return this.#append(sessionId, () => {
      if (!Array.isArray(messages) || messages.length > APPEND_MOST) {
        throw invalid(
          "messages",
          `an array of at most ${APPEND_MOST} messages`,
          Array.isArray(messages) ? messages.length : messages,
        );
      }
      return messages;
    });
  }

  /**
   * Reads messages: the filters hold first, then the order, then offset and
   * limit. O(log n + returned) without filters, O(n) with them.
   *
   * @param sessionId the session's id
   * @param options which messages to read
   * @returns the messages; none when there is no such session
   */
  getMessages(
    sessionId: SessionId,
    options: MessageQueryOptions = {},
  ): Promise<Message[]> {
    return this.#calls.run(
      () => `read messages of session ${show(sessionId)}`,
      async () => {
        this.#store.keys.checkSessionId(sessionId);
        const query = checkMessageQuery(options);
        return await readMessages(this.#store, sessionId, query);
      },
    );
  }

  /**
   * Reads a message of this session.
   *
   * @param sessionId the session's id
   * @param messageId the message's id
   * @returns the message, or null when it is not in this session
   */
  getMessage(
    sessionId: SessionId,
    messageId: MessageId,
  ): Promise<Message | null> {
    return this.#runOnMessage("read", sessionId, messageId, () => {
      return readMessage(this.#store, sessionId, messageId);
    });
  }

  /**
   * Counts the messages of a session. One whose record is gone, evicted or
   * deleted by hand, counts until a read of the history meets it. O(1).
   *
   * @param sessionId the session's id
   * @returns how many there are; 0 when there is no such session
   */
  countMessages(sessionId: SessionId): Promise<number> {
    return this.#calls.run(
      () => `count messages of session ${show(sessionId)}`,
      async () => {
        this.#store.keys.checkSessionId(sessionId);
        return await countMessages(this.#store, sessionId);
      },
    );
  }

  /**
   * Merges fields into a message of this session; a field given as `undefined`
   * is removed. `id`, `sessionId`, `createdAt` and `sequence` are ignored.
   * `updatedAt` becomes now unless it is given.
   *
   * @param sessionId the session's id
   * @param messageId the message's id
   * @param updates the fields to write
   * @returns the whole message as it is stored
   * @throws {StorageError} not-found when the message is not in this session
   * @throws {StorageError} corrupt-data when the message cannot be read; its message says if the update is stored
   */
  updateMessage(
    sessionId: SessionId,
    messageId: MessageId,
    updates: Partial<Message>,
  ): Promise<Message> {
    return this.#runOnMessage("update", sessionId, messageId, () => {
      const change = encodeMessageUpdates(updates);
      return updateMessage(this.#store, sessionId, messageId, change);
    });
  }

  /**
   * Removes a message from this session, also when its record is corrupt. A
   * missing one is no error.
   *
   * @param sessionId the session's id
   * @param messageId the message's id
   */
  deleteMessage(
    sessionId: SessionId,
    messageId: MessageId,
  ): Promise<void> {
    return this.#runOnMessage("delete", sessionId, messageId, () => {
      return deleteMessages(this.#store, sessionId, messageId);
    });
  }

  /**
   * Removes all messages of a session, atomically; the session stays.
   *
   * @param sessionId the session's id
   */
  deleteAllMessages(sessionId: SessionId): Promise<void> {
    return this.#calls.run(
      () => `delete messages of session ${show(sessionId)}`,
      async () => {
        this.#store.keys.checkSessionId(sessionId);
        await deleteMessages(this.#store, sessionId);
      },
    );
  }

  /**
   * Moves a session's `lastActivityAt` to now and starts its TTL again.
   *
   * @param id the session's id
   * @returns false when there is no such session
   */
  touchSession(id: SessionId): Promise<boolean> {
    return this.#calls.run(() => `touch session ${show(id)}`, async () => {
      this.#store.keys.checkSessionId(id);
      return await touchSession(this.#store, id);
    });
  }

  /**
   * Lists the ids of sessions that are still there and whose `expiresAt` is
   * due, the soonest first. The cost grows with the answer. One round trip for
   * each 1,000 ids.
   *
   * @param before the moment; a deadline at that moment is due
   * @returns the ids
   */
  getExpiredSessions(before: Date): Promise<SessionId[]> {
    return this.#calls.run(
      () => "find expired sessions",
      async (checkpoint) => {
        const beforeMs = checkDate(before, "before");
        return await expiredSessions(this.#store, beforeMs, checkpoint);
      },
    );
  }

  /**
   * Builds the indexes for sessions that are not in them, such as those that
   * an older adapter wrote, or whose entries a cluster lost in a failover. It
   * scans the keyspace of every primary, in small steps, beside live traffic; it
   * can be stopped, and run again at any time.
   *
   * @param options whom to tell how far it is, and who can stop it
   * @returns how much was done
   */
  async reindex(options: ReindexOptions = {}): Promise<ReindexResult> {
    const step = this.#calls.step("reindex sessions");
    // deno-lint-ignore require-await -- a wrong option rejects like the rest
    await step(async () => {
      const { onProgress, signal } = checkObject(options, "options");
      if (onProgress !== undefined && typeof onProgress !== "function") {
        throw invalid("onProgress", "a function", onProgress);
      }
      if (signal !== undefined && !(signal instanceof AbortSignal)) {
        throw invalid("signal", "an AbortSignal", signal);
      }
    });
    return await reindex(this.#store, step, options);
  }

  /**
   * Tells how the store is doing, by a PING to every node that the client
   * knows. Never throws, and never waits longer than `timeoutMs`.
   *
   * @returns the latency in milliseconds; `details.error` where a node does not answer
   */
  async health(): Promise<HealthStatus> {
    const start = performance.now();
    const nodes = this.#store.port.nodes();
    const answers = await Promise.allSettled(
      nodes.map(({ name, ping }) =>
        this.#calls.run(() => `reach ${name}`, ping)
      ),
    );
    const latency = performance.now() - start;
    const errors = answers.flatMap((answer) =>
      answer.status === "rejected" ? [answer.reason as StorageError] : []
    );
    const [first] = errors;
    if (first === undefined) return { status: "healthy", latency };
    const { message: error, reason } = first;
    if (errors.length === nodes.length) {
      return { status: "unhealthy", details: { error, reason } };
    }
    const messages = errors.map(({ message }) => message);
    return {
      status: "degraded",
      latency,
      details: { error, reason, errors: messages },
    };
  }

  /**
   * Closes the client when all that it was asked is answered, unless
   * `closeClient` is off; a server that does not answer within `timeoutMs` is
   * left at once. Further calls are refused; with `closeClient` off, that is
   * all, and those under way go on. Closing twice is no error.
   */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  /** Closes the adapter at the end of `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const ended = this.#calls.end();
    const deadlines = this.#deadlines;
    if (!this.#config.closeClient) return deadlines.release();
    const { port } = this.#store;
    try {
      // A call can need the client twice, so all of them come first.
      await deadlines.within(ended.then(() => port.close())).catch((error) => {
        if (asFailure(error).reason !== "timeout") throw error;
        return deadlines.within(port.destroy());
      });
    } catch (error) {
      throw this.#calls.error("close the client", asFailure(error));
    } finally {
      deadlines.release();
    }
  }

  /** Appends what `given` returns; errors name a message by `name`, or by its place. */
  #append(
    sessionId: SessionId,
    given: () => readonly NewMessage[],
    name?: string,
  ): Promise<Message[]> {
    const ids: MessageId[] = [];
    return this.#calls.run(
      () => `append to session ${show(sessionId)}`,
      async (checkpoint) => {
        this.#store.keys.checkSessionId(sessionId);
        // Unlike map, Array.from does not pass over the holes of a list.
        const messages = Array.from(
          given(),
          (message, i) =>
            encodeMessage(message, name ?? `messages[${i}]`, uuidv7),
        );
        for (const { id } of messages) ids.push(id);
        return isLarge(messages)
          ? await appendInParts(this.#store, sessionId, messages, checkpoint)
          : await appendMessages(this.#store, sessionId, messages);
      },
      ids,
    );
  }

  /** Runs work on one message after checking the ids. */
  #runOnMessage<T>(
    verb: string,
    sessionId: SessionId,
    messageId: MessageId,
    work: () => Promise<T>,
  ): Promise<T> {
    return this.#calls.run(
      () => `${verb} message ${show(messageId)} of session ${show(sessionId)}`,
      async () => {
        this.#store.keys.checkSessionId(sessionId);
        checkId(messageId, "message id");
        return await work();
      },
    );
  }
}

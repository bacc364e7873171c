/**
 * What the conformance suite is told about an adapter.
 *
 * @module
 */

import type {
  IStorageAdapter,
  Message,
  MessageId,
  NewMessage,
  Session,
  SessionFilters,
  SessionId,
  SummarizerService,
} from "../types.ts";

/** The methods that go beyond {@linkcode IStorageAdapter}; each is a capability of its own. */
export interface AdapterExtensions {
  /** Reads one message; null when it is not in this session. */
  getMessage(
    sessionId: SessionId,
    messageId: MessageId,
  ): Promise<Message | null>;
  /** Appends messages in their order: all of them or none; an empty list is no error. */
  addMessages(
    sessionId: SessionId,
    messages: NewMessage[],
  ): Promise<Message[]>;
  /** Counts the messages of a session; 0 when there is no session. */
  countMessages(sessionId: SessionId): Promise<number>;
  /** Moves a session's `lastActivityAt` to now and starts its TTL again; false when there is no session. */
  touchSession(id: SessionId): Promise<boolean>;
  /**
   * Iterates over the sessions that `listSessions()` would return, in its
   * order. A session that is there throughout comes once, whatever is created
   * meanwhile. A wrong filter rejects with the first step, and so does the
   * `sortBy` "lastActivityAt": what moves meanwhile has no one place.
   */
  iterateSessions(filters?: SessionFilters): AsyncIterable<Session>;
  /** Closes the adapter at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** An adapter with whichever of the further methods it has. */
export type ExtendedAdapter = IStorageAdapter & Partial<AdapterExtensions>;

/**
 * The classes that an adapter throws instead of its own, such as those of the
 * toolkit. It calls the constructors with these arguments and sets `reason` on
 * what they make; all else is theirs.
 */
export interface ConformanceErrorClasses {
  /** Thrown for every failure that is not a version conflict. */
  readonly StorageError: new (
    message: string,
    adapter: string,
    cause?: unknown,
  ) => Error;
  /** Thrown when the stored version is not the expected one. */
  readonly ConcurrencyError: new (
    sessionId: SessionId,
    expectedVersion: number,
    actualVersion: number,
  ) => Error;
}

/** What one test needs of the adapter that it is given; absent means off. */
export interface AdapterSettings {
  /** The sliding TTL of a session and all that belongs to it, in seconds; without it nothing expires. */
  readonly ttlSeconds?: number;
  /** Whether getSession() and getMessages() slide the TTL too. */
  readonly refreshTtlOnRead?: boolean;
  /** The service that is put as `compression.summarizer` into sessions that are returned, unless the strategy is "sliding_window". */
  readonly summarizer?: SummarizerService;
  /** The classes to throw. */
  readonly errors?: ConformanceErrorClasses;
}

/** One adapter on one store, made for one test. */
export interface AdapterUnderTest {
  /** The adapter. */
  readonly adapter: ExtendedAdapter;
  /**
   * Opens a second adapter on the same store, as another process would: each
   * works on after the other is closed. The suite closes it. Needed for the
   * capability `sharedStore`.
   *
   * @param settings what the test needs of it
   */
  reopen?(settings?: AdapterSettings): Promise<ExtendedAdapter>;
  /**
   * Moves the store's clock forward, where a test can do so. Without it the
   * suite sleeps, about eight seconds in all.
   *
   * @param milliseconds how far
   */
  elapse?(milliseconds: number): Promise<void>;
  /** Closes the adapter, which a test may have closed already, and removes the store. */
  dispose(): Promise<void>;
}

/**
 * What an adapter can do. Where a capability is off, the suite asserts that
 * the adapter refuses what it lacks, so that nothing is ignored in silence.
 */
export interface Capabilities {
  /** Has {@linkcode AdapterSettings.ttlSeconds}; off: createAdapter() rejects where it is given. */
  readonly ttl: boolean;
  /** Has {@linkcode AdapterSettings.refreshTtlOnRead}, and `ttl`; off: createAdapter() rejects where it is given. */
  readonly refreshTtlOnRead: boolean;
  /** Has {@linkcode AdapterSettings.summarizer}; off: createAdapter() rejects where it is given. */
  readonly summarizer: boolean;
  /** Has {@linkcode AdapterSettings.errors}; off: createAdapter() rejects where it is given. */
  readonly errorClasses: boolean;
  /** Its StorageErrors have a `reason`; off: it is not looked at. */
  readonly reasons: boolean;
  /**
   * Compares `expectedVersion` with the stored version; off: an update that
   * gives it is refused as an invalid argument and changes nothing.
   */
  readonly optimisticLocking: boolean;
  /**
   * Refuses a message id that another session uses, with "already-exists";
   * off: the same id in two sessions makes two independent messages.
   */
  readonly messageIdsUniqueAcrossSessions: boolean;
  /**
   * Has {@linkcode AdapterUnderTest.reopen}; off: nothing is asked of two
   * adapters on one store, and races are run on one.
   */
  readonly sharedStore: boolean;
  /** Takes `order` and `sortBy` of {@linkcode SessionFilters}; off: they are not asked for. */
  readonly listOrder: boolean;
  /** Has {@linkcode AdapterExtensions.getMessage}; off: the method is absent. */
  readonly getMessage: boolean;
  /** Has {@linkcode AdapterExtensions.addMessages}; off: the method is absent. */
  readonly addMessages: boolean;
  /** Has {@linkcode AdapterExtensions.countMessages}; off: the method is absent. */
  readonly countMessages: boolean;
  /** Has {@linkcode AdapterExtensions.touchSession}; off: the method is absent. */
  readonly touchSession: boolean;
  /** Has {@linkcode AdapterExtensions.iterateSessions}; off: the method is absent. */
  readonly iterateSessions: boolean;
  /** Has `[Symbol.asyncDispose]()`; off: the method is absent. */
  readonly asyncDispose: boolean;
}

/** How the suite is run. */
export interface ConformanceOptions {
  /** Opens a group of tests: `describe` of the test runner. */
  readonly describe: (name: string, body: () => void) => void;
  /** Declares a test: `it` of the test runner. */
  readonly it: (name: string, body: () => Promise<void>) => void;
  /**
   * Makes an adapter on a store that is empty and that no other test uses.
   * Rejects for settings that the adapter lacks. Each test calls it once.
   */
  readonly createAdapter: (
    settings?: AdapterSettings,
  ) => Promise<AdapterUnderTest>;
  /**
   * What the adapter can do; what is left out is on.
   *
   * @default everything
   */
  readonly capabilities?: Partial<Capabilities>;
}

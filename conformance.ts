/**
 * The conformance suite: what any storage adapter of the session-continuity
 * toolkit must do. It knows neither a store nor a test runner; both are handed
 * in.
 *
 * Two adapters that pass with the same capabilities give the same answers
 * wherever the suite looks: code that keeps to `IStorageAdapter` can go from
 * one to the other. The suite says nothing about speed, durability, size, or
 * what happens while a store is down.
 *
 * The rules that follow are those that the types do not say.
 *
 * ## Errors
 *
 * - A call rejects; it never throws, and a call that rejects changes nothing.
 * - An error has `name` "StorageError", `code` "STORAGE_ERROR", the name of the
 *   adapter as `adapter`, and a `reason`: "not-found", "already-exists",
 *   "invalid-argument" or "unavailable". An adapter can have more reasons.
 * - Its message is `Cannot <what was tried>: <why>`, has the id, and ends
 *   without a full stop: `Cannot update session "abc": not found`.
 * - A stale `expectedVersion` is a "ConcurrencyError" with `code`
 *   "CONCURRENCY_CONFLICT", `sessionId`, `expectedVersion`, `actualVersion`.
 * - After close() every call fails with the reason "unavailable", but health()
 *   resolves to "unhealthy" with `details.error`, and close() to nothing.
 *   What is stored stays, and other adapters of the store work on.
 * - Reading what is missing gives null, an empty list, 0 or false; deleting it
 *   is no error; updating it, or appending to it, is "not-found".
 *
 * ## What is taken
 *
 * - Ids are well-formed strings, not empty. A given id is kept; without one the
 *   adapter makes a UUID. Any characters can be in it; only ids of sessions
 *   that look like the store's own keys may be refused.
 * - A session id that exists is refused; one that was deleted or has expired is
 *   free again, and so are the ids of its messages.
 * - A message id that the session has already returns the stored message; it
 *   adds nothing and is no activity.
 * - Defaults at create: `status` "active", `metadata` {}, `participants` [],
 *   `schemaVersion` 1, `version` 1.
 * - The adapter sets `createdAt` and `lastActivityAt` of a new session, and
 *   `sessionId`, `sequence` and `createdAt` of a message. What is given for
 *   them is ignored, and so are `id` and these in an update, but for
 *   `lastActivityAt`, which is kept.
 * - `undefined` at create, in filters and in options means absent. In an update
 *   it removes an optional property, is refused for a required one, and makes
 *   `version` count on as usual. `null` is refused.
 * - Properties that the types do not name are not stored.
 * - Statuses, roles, dates, texts, numbers and the required properties of inner
 *   objects are checked; so are filters and options. Counts are integers from 0.
 * - `metadata` can hold what JSON can: plain objects, lists, texts, finite
 *   numbers, booleans and null. Refused are cycles, bigints, functions,
 *   symbols, Map, Set, NaN, Infinity, and undefined in a list. An undefined
 *   property is left out.
 * - `compression.summarizer` is never stored.
 *
 * ## What comes back
 *
 * - A write returns the whole record, as a read would. It is the caller's own
 *   copy: changing it, or what was passed in, changes nothing stored.
 * - Text comes back as the same text, also lone surrogates in `content`; lists
 *   as lists, also empty ones; every date as a Date, to the millisecond.
 * - Sessions are in the order of `createdAt`, or of what `sortBy` names, then of
 *   the bytes of `id`; "desc" is the exact reverse. iterateSessions() refuses to
 *   go by `lastActivityAt`.
 * - Messages are in the order of their acceptance. `sequence` counts from 1 in
 *   each session and is never used twice; `createdAt` never goes back.
 * - Filters come first, then the order, then `offset` and `limit`; a limit of 0
 *   gives nothing. `tags` and `roles` match if one of them does; an empty list
 *   filters nothing.
 * - `after` and `before` exclude their moment; `createdAfter` and
 *   `createdBefore` include it, and so does getExpiredSessions().
 * - getExpiredSessions() has the soonest deadline first, whatever the status.
 *   `expiresAt` removes nothing.
 *
 * ## What a write does
 *
 * - An update merges property by property, and each merge is atomic: callers
 *   that write different properties at once all succeed. `metadata` and other
 *   objects are replaced as a whole.
 * - updateSession() counts `version` up by one, or keeps the one given; other
 *   calls leave it. With `expectedVersion`, that same version among the updates
 *   is as good as none.
 * - `lastActivityAt` moves with updateSession(), with a message that is
 *   appended, and with touchSession(), and with nothing else.
 * - updateMessage() sets `updatedAt` to now, or keeps the one given.
 * - Nothing of a batch is stored if one message cannot be. Readers see all or
 *   none of a batch, and of deleteAllMessages().
 * - `ttlSeconds` starts again with every write to the session or its messages,
 *   not with a read; a repeated append may or may not. Messages last as long as
 *   their session, then nothing of it is found by any call.
 *
 * ## What an adapter may lack
 *
 * {@linkcode Capabilities} says what an adapter may lack, and what it does
 * instead; {@linkcode AdapterSettings} what a test asks for.
 *
 * @example Holding an adapter against the suite, with `deno test -A`
 * ```ts
 * import { describe, it } from "node:test";
 * import { createClient } from "redis";
 * import { RedisAdapter } from "@reaatech/session-continuity-storage-redis";
 * import {
 *   type AdapterSettings,
 *   describeStorageAdapter,
 * } from "@reaatech/session-continuity-storage-redis/conformance";
 *
 * class CountingAdapter extends RedisAdapter {
 *   appended = 0;
 *
 *   override addMessage(...given: Parameters<RedisAdapter["addMessage"]>) {
 *     this.appended += 1;
 *     return super.addMessage(...given);
 *   }
 * }
 *
 * async function connect() {
 *   const client = createClient({ url: "redis://localhost:6379" });
 *   client.on("error", console.error);
 *   return await client.connect();
 * }
 *
 * async function open(keyPrefix: string, settings: AdapterSettings = {}) {
 *   return new CountingAdapter({
 *     client: await connect(),
 *     keyPrefix,
 *     ...settings,
 *   });
 * }
 *
 * async function removeKeys(keyPrefix: string) {
 *   const client = await connect();
 *   for await (const keys of client.scanIterator({ MATCH: `${keyPrefix}*` })) {
 *     if (keys.length > 0) await client.unlink(keys);
 *   }
 *   await client.close();
 * }
 *
 * describeStorageAdapter({
 *   describe,
 *   it,
 *   createAdapter: async (settings) => {
 *     const keyPrefix = `test:${crypto.randomUUID()}:`;
 *     const adapter = await open(keyPrefix, settings);
 *     return {
 *       adapter,
 *       reopen: (others) => open(keyPrefix, others),
 *       dispose: async () => {
 *         await adapter.close();
 *         await removeKeys(keyPrefix);
 *       },
 *     };
 *   },
 * });
 * ```
 *
 * @module
 */

export { describeStorageAdapter } from "./src/conformance/suite.ts";
export type {
  AdapterExtensions,
  AdapterSettings,
  AdapterUnderTest,
  Capabilities,
  ConformanceErrorClasses,
  ConformanceOptions,
  ExtendedAdapter,
} from "./src/conformance/options.ts";
export type {
  CompressionConfig,
  CompressionState,
  ContentPart,
  HealthStatus,
  HybridConfig,
  ImageContentPart,
  IStorageAdapter,
  Message,
  MessageContent,
  MessageId,
  MessageMetadata,
  MessageQueryOptions,
  MessageRole,
  NewMessage,
  NewSession,
  Participant,
  Session,
  SessionFilters,
  SessionId,
  SessionMetadata,
  SessionStatus,
  SlidingWindowConfig,
  SummarizationConfig,
  SummarizerService,
  TextContentPart,
  TokenBudget,
  ToolCall,
  ToolResult,
  UpdateSessionOptions,
} from "./src/types.ts";

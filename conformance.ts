/**
 * The conformance suite: what any storage adapter of the session-continuity
 * toolkit must do. It knows neither a store nor a test runner; both are handed
 * in. An adapter that passes can take the place of any other that does.
 *
 * @example Holding an adapter against the suite
 * ```ts ignore
 * import { describe, it } from "jsr:@std/testing/bdd";
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
 * async function open(keyPrefix: string, settings: AdapterSettings = {}) {
 *   const client = createClient({ url: "redis://localhost:6379" });
 *   client.on("error", console.error);
 *   await client.connect();
 *   // What a test leaves behind is gone within a minute.
 *   return new CountingAdapter({ client, keyPrefix, ttlSeconds: 60, ...settings });
 * }
 *
 * describeStorageAdapter({
 *   describe,
 *   it,
 *   createAdapter: async (settings) => {
 *     const keyPrefix = `${crypto.randomUUID()}:`;
 *     const adapter = await open(keyPrefix, settings);
 *     return {
 *       adapter,
 *       reopen: (others) => open(keyPrefix, others),
 *       dispose: () => adapter.close(),
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

/**
 * Keeps the conversations of LLM agents in Redis: a storage adapter of the
 * session-continuity toolkit, on node-redis.
 *
 * Sessions and their messages survive the process: an agent goes on after a
 * restart, on another process, on another machine. Each call is one command or
 * one Lua script, atomic and nearly always in one round trip.
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
 *   metadata: { title: "Travel plans", tags: ["travel"] },
 *   participants: [],
 *   schemaVersion: 1,
 * });
 * await storage.addMessage(session.id, {
 *   role: "user",
 *   content: "Which trains go to Lyon tomorrow?",
 * });
 * console.log(await storage.getMessages(session.id));
 * ```
 *
 * @module
 */

export { RedisAdapter } from "./src/redis_adapter.ts";
export type {
  CacheOptions,
  ErrorClasses,
  RedisAdapterConfig,
} from "./src/config.ts";
export {
  ConcurrencyError,
  SessionError,
  StorageError,
  type StorageErrorReason,
} from "./src/errors.ts";
export type {
  RedisClient,
  RedisScriptOptions,
  RedisSortOptions,
} from "./src/redis_client.ts";
export type {
  ReindexOptions,
  ReindexProgress,
  ReindexResult,
} from "./src/session_index.ts";
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

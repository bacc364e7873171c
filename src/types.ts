/**
 * The records and the interface of the session-continuity toolkit, declared
 * here because the toolkit is not a dependency. They are structurally
 * identical to its own, so either side's values are accepted by the other.
 *
 * @module
 */

/**
 * Identifies a session: any well-formed, non-empty text. A store can refuse
 * what it cannot keep apart; this package's refuses ids that end in
 * ":messages" or ":seq", or with hash tags those that hold "}".
 */
export type SessionId = string;

/** Identifies a message. Any well-formed, non-empty text. */
export type MessageId = string;

/** Where a session is in its life. */
export type SessionStatus = "active" | "paused" | "completed" | "expired";

/** What an application attaches to a session. All of it is JSON. */
export interface SessionMetadata<T = Record<string, unknown>> {
  /** What a person calls the conversation. */
  title?: string;
  /** Labels that {@linkcode SessionFilters.tags} finds the session by. */
  tags?: string[];
  /** Where the conversation came from, such as "web" or "slack". */
  source?: string;
  /** Anything else, in the application's own shape. */
  custom?: T;
}

/** One who takes part in a session. */
export interface Participant {
  /** The participant's id, in the application's own naming. */
  id: string;
  /** What the participant does in the session. */
  role: "user" | "agent" | "observer";
  /** Anything else about the participant, as JSON. */
  metadata?: Record<string, unknown>;
  /** When the participant joined. */
  joinedAt: Date;
  /** When the participant left; absent while still there. */
  leftAt?: Date;
}

/** How many tokens a session may use, and what happens beyond. */
export interface TokenBudget {
  /** The size of the context window, in tokens. */
  maxTokens: number;
  /** Tokens kept free for the answer. */
  reserveTokens: number;
  /** What the toolkit does when the budget is spent. */
  overflowStrategy: "truncate" | "compress" | "error";
}

/**
 * Shortens a conversation. A live object that can hold API keys and sockets:
 * storage adapters never write it.
 */
export interface SummarizerService {
  /** Returns a summary of the messages, following the prompt if one is given. */
  summarize(messages: Message[], prompt?: string): Promise<string>;
}

/** Keeps the newest messages. */
export interface SlidingWindowConfig {
  /** Names the strategy. */
  strategy: "sliding_window";
  /** The size to come down to, in tokens. */
  targetTokens: number;
  /** Messages kept however large they are. */
  minMessages?: number;
  /** Messages kept at most. */
  maxMessages?: number;
}

/** Replaces older messages by a summary. */
export interface SummarizationConfig {
  /** Names the strategy. */
  strategy: "summarization";
  /** The size to come down to, in tokens. */
  targetTokens: number;
  /** Writes the summary; never stored. */
  summarizer: SummarizerService;
  /** What the summarizer is asked. */
  summarizationPrompt?: string;
  /** Tokens that the summary itself may take. */
  summaryOverhead?: number;
}

/** Keeps the newest messages and a summary of the others. */
export interface HybridConfig {
  /** Names the strategy. */
  strategy: "hybrid";
  /** The size to come down to, in tokens. */
  targetTokens: number;
  /** Messages kept at most. */
  maxMessages?: number;
  /** Writes the summary; never stored. */
  summarizer: SummarizerService;
  /** What the summarizer is asked. */
  summarizationPrompt?: string;
  /** Tokens that the summary itself may take. */
  summaryOverhead?: number;
}

/** How the toolkit shortens a conversation that outgrows its budget. */
export type CompressionConfig =
  | SlidingWindowConfig
  | SummarizationConfig
  | HybridConfig;

/** What the last compression of a session left behind. */
export interface CompressionState {
  /** The strategy that was used. */
  strategy: CompressionConfig["strategy"];
  /** The summary, where the strategy writes one. */
  summary?: string;
  /** The size of the summary, in tokens. */
  summaryTokenCount?: number;
  /** The messages that were kept as they are. */
  keptMessageIds: MessageId[];
  /** Tells whether the messages changed since. */
  signature: string;
  /** The size of what is left, in tokens. */
  compressedTokenCount: number;
  /** When the compression ran. */
  updatedAt: Date;
}

/** A conversation, without its messages. Optional fields are absent when unset. */
export interface Session<T = Record<string, unknown>> {
  /** The session's id. */
  id: SessionId;
  /** The user whom the session belongs to. */
  userId?: string;
  /** The agent that has the floor. */
  activeAgentId?: string;
  /** Where the session is in its life. */
  status: SessionStatus;
  /** What the application attached. */
  metadata: SessionMetadata<T>;
  /** Everyone who takes or took part. */
  participants: Participant[];
  /** The version of the record's shape, kept by the toolkit. */
  schemaVersion: number;
  /** When the session was created, by the store's clock. */
  createdAt: Date;
  /** When the session was last updated, touched, or appended to. */
  lastActivityAt: Date;
  /** The application's own deadline; it does not slide and nothing is removed by it. */
  expiresAt?: Date;
  /** How many tokens the session may use. */
  tokenBudget?: TokenBudget;
  /** How the session is compressed. */
  compression?: CompressionConfig;
  /** A running total kept by the caller, in tokens. */
  tokenCount?: number;
  /** A running total kept by the caller. */
  messageCount?: number;
  /** What the last compression left behind. */
  compressionState?: CompressionState;
  /** Grows with each update; the token of optimistic locking. */
  version?: number;
}

/** Who speaks in a message. */
export type MessageRole = "user" | "assistant" | "system" | "tool";

/** A piece of text in structured content. */
export interface TextContentPart {
  /** Names the kind of part. */
  type: "text";
  /** The text. */
  text: string;
}

/** A picture in structured content. */
export interface ImageContentPart {
  /** Names the kind of part. */
  type: "image_url";
  /** Where the picture is; a data URL carries it along. */
  image_url: { url: string };
}

/** One part of structured content. */
export type ContentPart = TextContentPart | ImageContentPart;

/** What a message says: plain text, or parts. */
export type MessageContent = string | ContentPart[];

/** A call that a model asks for. */
export interface ToolCall {
  /** The id that the result refers to. */
  id: string;
  /** The tool's name. */
  name: string;
  /** The arguments, as the JSON text that the model wrote. */
  arguments: string;
}

/** What a tool answered. */
export interface ToolResult {
  /** The id of the call that is answered. */
  toolCallId: string;
  /** The answer, as text. */
  result: string;
  /** Whether the call failed. */
  isError?: boolean;
}

/** What an application attaches to a message. All of it is JSON. */
export interface MessageMetadata {
  /** The calls that the message asks for. */
  toolCalls?: ToolCall[];
  /** The answers that the message carries. */
  toolResults?: ToolResult[];
  /** Anything else, in the application's own shape. */
  annotations?: Record<string, unknown>;
}

/** One message of a session. Optional fields are absent when unset. */
export interface Message {
  /** The message's id. */
  id: MessageId;
  /** The session that the message belongs to. */
  sessionId: SessionId;
  /** Who speaks. */
  role: MessageRole;
  /** What is said. */
  content: MessageContent;
  /** The size of the content, in tokens, as counted by the caller. */
  tokenCount?: number;
  /** The insertion number within the session, from 1; never used twice. */
  sequence?: number;
  /** What the application attached. */
  metadata?: MessageMetadata;
  /** When the store accepted the message, by the store's clock. */
  createdAt: Date;
  /** When the message last changed; absent when it never did. */
  updatedAt?: Date;
}

/** Which sessions to list. All given filters must hold. */
export interface SessionFilters {
  /** Sessions of this user. */
  userId?: string;
  /** Sessions in this status. */
  status?: SessionStatus;
  /** Sessions in which this agent has the floor. */
  activeAgentId?: string;
  /** Sessions that carry at least one of these tags; none given, or an empty list: any. */
  tags?: string[];
  /** Sessions created at this moment or later. */
  createdAfter?: Date;
  /** Sessions created at this moment or earlier. */
  createdBefore?: Date;
  /** Sessions returned at most; a non-negative integer. */
  limit?: number;
  /** Matching sessions left out at the start; a non-negative integer. */
  offset?: number;
  /** Lowest first ("asc", the default) or highest first ("desc"); sessions of one moment by their ids. */
  order?: "asc" | "desc";
  /** What the order goes by; createdAt unless given. */
  sortBy?: "createdAt" | "lastActivityAt";
}

/** Which messages to read: the filters hold first, then the order, then offset and limit. */
export interface MessageQueryOptions {
  /** Messages returned at most; a non-negative integer. */
  limit?: number;
  /** Matching messages left out at the start; a non-negative integer. */
  offset?: number;
  /** Oldest first ("asc", the default) or newest first ("desc"). */
  order?: "asc" | "desc";
  /** Messages created later than this moment. */
  after?: Date;
  /** Messages created earlier than this moment. */
  before?: Date;
  /** Messages of these roles; none given, or an empty list: any. */
  roles?: MessageRole[];
}

/** How the store is doing. */
export interface HealthStatus {
  /** "degraded" when a part of the store does not answer. */
  status: "healthy" | "degraded" | "unhealthy";
  /** The time of one round trip, in milliseconds. */
  latency?: number;
  /** What else is known, such as `error`, the reason of a failure. */
  details?: Record<string, unknown>;
}

/** How to update a session. */
export interface UpdateSessionOptions {
  /** The version that the stored session must have, else nothing changes. */
  expectedVersion?: number;
}

/** A session to be created: the store sets the dates, and the id unless one is given. */
export type NewSession =
  & Omit<Session, "id" | "createdAt" | "lastActivityAt">
  & {
    /** The id to keep. */
    id?: SessionId;
  };

/** A message to be appended: the store sets the date, and the id unless one is given. */
export type NewMessage = Omit<Message, "id" | "sessionId" | "createdAt"> & {
  /** The id to keep; a message of that id is stored once, however often it is appended. */
  id?: MessageId;
};

/**
 * A store of sessions and their messages, as the session-continuity toolkit
 * calls it. A write returns the whole record, equal to what a read would then
 * return.
 */
export interface IStorageAdapter {
  /** Stores a new session. */
  createSession(session: NewSession): Promise<Session>;
  /** Reads a session; null when there is none. */
  getSession(id: SessionId): Promise<Session | null>;
  /** Merges fields into a session; a field given as undefined is removed. */
  updateSession(
    id: SessionId,
    updates: Partial<Session>,
    options?: UpdateSessionOptions,
  ): Promise<Session>;
  /** Removes a session and its messages; a missing one is no error. */
  deleteSession(id: SessionId): Promise<void>;
  /** Lists sessions, the oldest first. */
  listSessions(filters?: SessionFilters): Promise<Session[]>;
  /** Appends a message to a session. */
  addMessage(sessionId: SessionId, message: NewMessage): Promise<Message>;
  /** Reads messages of a session, in the order in which they were accepted. */
  getMessages(
    sessionId: SessionId,
    options?: MessageQueryOptions,
  ): Promise<Message[]>;
  /** Merges fields into a message; a field given as undefined is removed. */
  updateMessage(
    sessionId: SessionId,
    messageId: MessageId,
    updates: Partial<Message>,
  ): Promise<Message>;
  /** Removes a message from a session; a missing one is no error. */
  deleteMessage(sessionId: SessionId, messageId: MessageId): Promise<void>;
  /** Removes all messages of a session; the session stays. */
  deleteAllMessages(sessionId: SessionId): Promise<void>;
  /** Lists the ids of sessions whose `expiresAt` is due, the soonest first. */
  getExpiredSessions(before: Date): Promise<SessionId[]>;
  /** Tells how the store is doing; never throws. */
  health(): Promise<HealthStatus>;
  /** Releases what the store holds; a second call is no error. */
  close(): Promise<void>;
}

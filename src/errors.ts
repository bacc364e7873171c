/**
 * The errors that the adapter fails with. Names, codes and constructors are
 * those of the session-continuity toolkit.
 *
 * @module
 */

import type { SessionId } from "./types.ts";

/** Why a storage call failed. */
export type StorageErrorReason =
  | "not-found"
  | "already-exists"
  | "invalid-argument"
  | "timeout"
  | "unavailable"
  | "out-of-memory"
  | "access-denied"
  | "corrupt-data"
  | "unknown";

/** The base of all errors of the toolkit. */
export class SessionError extends Error {
  /** Names the kind of error for programs. */
  readonly code: string;

  /**
   * Constructs an error.
   *
   * @param message what was tried, on what, and why it failed
   * @param code names the kind of error for programs
   * @param cause the original error, if there is one
   */
  constructor(message: string, code: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "SessionError";
    this.code = code;
  }
}

/** A call on the store failed; {@linkcode StorageError.reason} says why. */
export class StorageError extends SessionError {
  /** Names the adapter that failed: "redis". */
  readonly adapter: string;
  /** Why the call failed. */
  reason: StorageErrorReason = "unknown";
  /**
   * The ids of what an append or a create may have stored before it failed:
   * pass them when the call is repeated, and nothing is stored twice.
   */
  ids?: string[];

  /**
   * Constructs an error.
   *
   * @param message what was tried, on what, and why it failed
   * @param adapter names the adapter that failed
   * @param cause the original error, if there is one
   */
  constructor(message: string, adapter: string, cause?: unknown) {
    super(message, "STORAGE_ERROR", cause);
    this.name = "StorageError";
    this.adapter = adapter;
  }
}

/** An update expected another version of the session than the stored one; nothing was changed. */
export class ConcurrencyError extends SessionError {
  /** The session that was to be updated. */
  readonly sessionId: SessionId;
  /** The version that the caller expected. */
  readonly expectedVersion: number;
  /** The version that is stored. */
  readonly actualVersion: number;

  /**
   * Constructs an error.
   *
   * @param sessionId the session that was to be updated
   * @param expectedVersion the version that the caller expected
   * @param actualVersion the version that is stored
   */
  constructor(
    sessionId: SessionId,
    expectedVersion: number,
    actualVersion: number,
  ) {
    super(
      `Cannot update session "${sessionId}": expected version ${expectedVersion}, actual version ${actualVersion}`,
      "CONCURRENCY_CONFLICT",
    );
    this.name = "ConcurrencyError";
    this.sessionId = sessionId;
    this.expectedVersion = expectedVersion;
    this.actualVersion = actualVersion;
  }
}

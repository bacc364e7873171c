/**
 * Tells why Redis, or the way to it, refused.
 *
 * @module
 */

import type { StorageErrorReason } from "./errors.ts";
import { Failure } from "./failure.ts";

/**
 * How the texts of Redis' and node-redis' errors are told apart. node-redis
 * gives its errors no code, and a script's error carries the code word
 * anywhere in its text on Redis 6.2, so the first pattern that fits decides.
 */
const REASONS: readonly (readonly [RegExp, StorageErrorReason])[] = [
  [/\bWRONGTYPE\b/, "corrupt-data"],
  [/\bOOM\b/, "out-of-memory"],
  [
    /\b(?:NOAUTH|NOPERM|WRONGPASS)\b|ACL failure|can't (?:run this command|access)|unauthenticated/,
    "access-denied",
  ],
  [
    /\b(?:READONLY|LOADING|MISCONF|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|NOREPLICAS|UNBLOCKED)\b|non local key|Script killed|max number of clients/,
    "unavailable",
  ],
  [
    /(?:client|cluster|pool) is (?:closed|offline)|Cluster closed|Socket closed|Disconnects client|queue is full|(?:root nodes|sentinels) are (?:un)?available|no valid master node|ECONN|EPIPE|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN/i,
    "unavailable",
  ],
  [/timeout|timed out|ETIMEDOUT|command was aborted/i, "timeout"],
];

/** How errors tell that the connection was lost, and may come back. */
const LOST =
  /Socket closed|client is offline|(?:root nodes|sentinels) are (?:un)?available|no valid master node|ECONN|EPIPE|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN/i;

/** Whether the connection was lost, so that nobody knows what the server did. */
export function isConnectionLost(error: unknown): boolean {
  const cause = error instanceof Failure ? error.cause : error;
  return cause instanceof Error && LOST.test(textOf(cause));
}

/** Returns an error of Redis or of its client as a failure with its reason. */
export function redisFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const text = error instanceof Error ? textOf(error) : String(error);
  const reason = REASONS.find(([pattern]) => pattern.test(text))?.[1] ??
    "unknown";
  return new Failure(reason, text, error);
}

/** What a refusal says of an earlier attempt. */
const MAY_BE_DONE = "; an earlier attempt may be carried out";

/**
 * Returns the failure of an attempt after one whose reply was lost. Scripts look
 * first whether they were carried out; one that may not begin does not.
 */
export function afterLostAttempt(fault: unknown): Failure {
  const failure = redisFailure(fault);
  const { reason, message, cause } = failure;
  return reason !== "access-denied" || message.endsWith(MAY_BE_DONE)
    ? failure
    : new Failure(reason, message + MAY_BE_DONE, cause);
}

/**
 * Returns all that tells what an error is: an ECONNREFUSED of many addresses
 * has its code and no message, a TimeoutError of node-redis only its class.
 */
function textOf(error: Error): string {
  // An unknown command is quoted with its arguments, which can say anything.
  const message = error.message.replace(/, with args beginning with:.*/s, "");
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && !message.includes(code)) {
    return `${code} ${message}`.trimEnd();
  }
  return message === "" ? error.constructor.name : message;
}

/**
 * What went wrong below the adapter, before the adapter says of which call.
 *
 * @module
 */

import type { StorageErrorReason } from "./errors.ts";

/**
 * A refusal or a fault, with its reason. The adapter turns it into the
 * `StorageError` that callers see, whose message begins with the action.
 */
export class Failure extends Error {
  readonly reason: StorageErrorReason;

  constructor(reason: StorageErrorReason, why: string, cause?: unknown) {
    super(why, cause === undefined ? undefined : { cause });
    this.name = "Failure";
    this.reason = reason;
  }
}

/** Returns the failure that an unusable argument causes. */
export function invalid(
  name: string,
  allowed: string,
  value: unknown,
): Failure {
  return new Failure(
    "invalid-argument",
    `${name} must be ${allowed}, got ${show(value)}`,
  );
}

/** Returns the failure that a record causes which is not what the adapter writes. */
export function corrupt(key: string, why: string, cause?: unknown): Failure {
  return new Failure("corrupt-data", `key ${show(key)} ${why}`, cause);
}

/** Returns a value as an error message shows it: short, and never throwing. */
export function show(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(
        value.length > 120 ? `${value.slice(0, 117)}...` : value,
      );
    case "bigint":
      return `${value}n`;
    case "function":
      return "a function";
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return "an array";
      if (value instanceof Date) return "an invalid Date";
      return "an object";
    default:
      return String(value);
  }
}

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
    /\b(?:READONLY|LOADING|MISCONF|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|NOREPLICAS|UNBLOCKED)\b/,
    "unavailable",
  ],
  [
    /client is (?:closed|offline)|Socket closed|Disconnects client|root nodes are unavailable|client connection pool is closed|ECONN|EPIPE|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN/i,
    "unavailable",
  ],
  [/timeout|timed out|ETIMEDOUT|command was aborted/i, "timeout"],
];

/** Returns an error of Redis or of its client as a failure with its reason. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const text = error instanceof Error ? textOf(error) : String(error);
  const reason = REASONS.find(([pattern]) => pattern.test(text))?.[1] ??
    "unknown";
  return new Failure(reason, text, error);
}

/**
 * Returns all that tells what an error is: an ECONNREFUSED of many addresses
 * has its code and no message, a TimeoutError of node-redis only its class.
 */
function textOf(error: Error): string {
  const { message } = error;
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && !message.includes(code)) {
    return `${code} ${message}`.trimEnd();
  }
  return message === "" ? error.constructor.name : message;
}

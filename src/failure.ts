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
  /** Whether what was asked is stored all the same. */
  readonly isStored: boolean = false;

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

/**
 * Decodes what a write returned. A record that was corrupt before, in a field
 * that the write left alone, cannot be returned: the failure says that the
 * fields that were given are stored all the same.
 */
export function afterWrite<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    const { reason, message, cause } = asFailure(error);
    throw new Failure(
      reason,
      `${message}; the fields that were given are stored`,
      cause,
    );
  }
}

/** Throws the failure of what has to follow a write that was carried out. */
export function afterStored(error: unknown): never {
  const { reason, message, cause } = asFailure(error);
  const why = `${message}; what was given is stored all the same`;
  throw Object.assign(new Failure(reason, why, cause), { isStored: true });
}

/** Returns a value as an error message shows it: short, and never throwing. */
export function show(value: unknown): string {
  switch (typeof value) {
    case "string":
      return showText(value);
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

/** Returns a text as JSON, cut where it is long; never inside of an escape. */
function showText(text: string): string {
  // Of a very long text, only the beginning is turned into JSON.
  const json = JSON.stringify(text.slice(0, 121));
  if (json.length <= 122) return json;
  const [whole] = json.slice(0, 118).match(/^(?:[^\\]|\\u....|\\[^u])*/)!;
  return `${whole}..."`;
}

/** Returns a fault of any kind as a failure, such as what a callback of the caller's threw. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new Failure("unknown", why, error);
}

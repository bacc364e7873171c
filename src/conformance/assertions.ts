/**
 * The assertions that the groups share, over `node:assert`, which every
 * runtime has.
 *
 * @module
 */

import assert from "node:assert/strict";

/** Fails unless both values have the same structure. */
export function equal(
  actual: unknown,
  expected: unknown,
  message?: string,
): void {
  assert.deepEqual(plain(actual), plain(expected), message);
}

/** Fails unless the first moment is later than the second. */
export function later(actual: Date, than: Date, message?: string): void {
  assert.ok(
    actual.getTime() > than.getTime(),
    message ??
      `Expected ${actual.toISOString()} to be after ${than.toISOString()}`,
  );
}

/** Returns the value unless it is null. */
export function present<T>(value: T | null | undefined): T {
  assert.ok(
    value !== null && value !== undefined,
    `Expected a value, got ${value}`,
  );
  return value;
}

/** Returns what the promise rejects with; fails if the call throws or succeeds. */
export async function rejection(
  call: () => PromiseLike<unknown>,
  message?: string,
): Promise<unknown> {
  const context = message === undefined ? "" : `: ${message}`;
  let promise: PromiseLike<unknown>;
  try {
    promise = call();
  } catch (error) {
    assert.fail(`Expected a rejection, it throws ${String(error)}${context}`);
  }
  try {
    await promise;
  } catch (error) {
    return error;
  }
  assert.fail(`Expected a rejection, it succeeds${context}`);
}

/** Returns a property of what was thrown, whatever its class. */
export function property(error: unknown, name: string): unknown {
  assert.ok(error instanceof Error, `Expected an Error, got ${String(error)}`);
  return Reflect.get(error, name);
}

/** Fails unless the error is a version conflict of this session. */
export function isConflict(
  error: unknown,
  sessionId: string,
  expectedVersion: number,
  actualVersion: number,
): void {
  const expected = {
    name: "ConcurrencyError",
    code: "CONCURRENCY_CONFLICT",
    sessionId,
    expectedVersion,
    actualVersion,
  };
  const found = Object.keys(expected).map((name) => [
    name,
    property(error, name),
  ]);
  equal(
    Object.fromEntries(found),
    expected,
    `Expected a ConcurrencyError of session "${sessionId}", got ${error}`,
  );
}

/**
 * Returns a copy in which objects without a prototype are plain ones, since
 * `node:assert` tells them apart and callers have no reason to.
 */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, plain(item)]),
  );
}

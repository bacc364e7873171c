/**
 * Stands in for `@std/assert` where the JSR registry cannot be reached, and on
 * Node and Bun. Has the names that the tests use, with the signatures and the
 * meaning of version 1, over `node:assert`.
 *
 * @module
 */

import nodeAssert, { AssertionError } from "node:assert";
import { comparable } from "./comparable.ts";

type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** What a function is expected to fail with. */
interface Expectation {
  errorClass: ErrorClass<Error> | undefined;
  messageIncludes: string;
  message: string | undefined;
}

/** Fails unless the expression is truthy. */
export function assert(
  expression: unknown,
  message?: string,
): asserts expression {
  nodeAssert.ok(expression, message);
}

/** Fails unless both values are equal in structure. */
export function assertEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  nodeAssert.deepStrictEqual(comparable(actual), comparable(expected), message);
}

/** Fails if both values are equal in structure. */
export function assertNotEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  nodeAssert.notDeepStrictEqual(
    comparable(actual),
    comparable(expected),
    message,
  );
}

/** Fails unless both are the same value. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  message?: string,
): asserts actual is T {
  nodeAssert.strictEqual(actual, expected, message);
}

/** Fails if the value is null or undefined. */
export function assertExists<T>(
  actual: T,
  message?: string,
): asserts actual is NonNullable<T> {
  if (actual !== null && actual !== undefined) return;
  fail(`Expected a value, got ${actual}`, message);
}

/** Fails unless the value is an instance of the class. */
export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: abstract new (...args: never[]) => T,
  message?: string,
): asserts actual is T {
  if (actual instanceof expectedType) return;
  fail(`Expected a ${expectedType.name}, got ${String(actual)}`, message);
}

/** Fails unless the text matches the pattern. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  message?: string,
): void {
  if (expected.test(actual)) return;
  fail(`Expected "${actual}" to match ${expected}`, message);
}

/** Fails unless the text contains the other. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  message?: string,
): void {
  if (actual.includes(expected)) return;
  fail(`Expected "${actual}" to contain "${expected}"`, message);
}

/** Fails unless the function throws; returns what it throws. */
export function assertThrows(fn: () => unknown, message?: string): unknown;
/** Fails unless the function throws such an error; returns it. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass: ErrorClass<E>,
  messageIncludes?: string,
  message?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  errorClass?: ErrorClass<Error> | string,
  messageIncludes?: string,
  message?: string,
): unknown {
  const expected = expectation(errorClass, messageIncludes, message);
  try {
    fn();
  } catch (error) {
    return asExpected(error, expected);
  }
  fail("Expected the function to throw", expected.message);
}

/** Fails unless the promise rejects; resolves to what it rejects with. */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  message?: string,
): Promise<unknown>;
/** Fails unless the promise rejects with such an error; resolves to it. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  messageIncludes?: string,
  message?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<Error> | string,
  messageIncludes?: string,
  message?: string,
): Promise<unknown> {
  const expected = expectation(errorClass, messageIncludes, message);
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error) {
    fail(`Expected a rejection, it throws: ${error}`, expected.message);
  }
  try {
    await promise;
  } catch (error) {
    return asExpected(error, expected);
  }
  fail("Expected the function to reject", expected.message);
}

function expectation(
  errorClass: ErrorClass<Error> | string | undefined,
  messageIncludes = "",
  message: string | undefined,
): Expectation {
  return typeof errorClass === "string"
    ? { errorClass: undefined, messageIncludes: "", message: errorClass }
    : { errorClass, messageIncludes, message };
}

/** Returns the error if it is the expected one, else fails. */
function asExpected(error: unknown, expected: Expectation): unknown {
  const { errorClass, messageIncludes, message } = expected;
  if (errorClass === undefined) return error;
  if (!(error instanceof errorClass)) {
    fail(`Expected a ${errorClass.name}, got ${String(error)}`, message);
  }
  assertStringIncludes(error.message, messageIncludes, message);
  return error;
}

function fail(reason: string, message: string | undefined): never {
  throw new AssertionError({
    message: message === undefined ? reason : `${reason}: ${message}`,
  });
}

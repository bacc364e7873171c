/**
 * Checks of single values. Each returns the value as its type, or throws a
 * failure that names the thing, what is allowed and what was given.
 *
 * @module
 */

import { invalid } from "./failure.ts";

/** Checks a text that Redis can store as it is: a lone surrogate has no UTF-8 form. */
export function checkText(value: unknown, name: string): string {
  if (typeof value !== "string" || !value.isWellFormed()) {
    throw invalid(name, "a well-formed string", value);
  }
  return value;
}

/** Checks an id: a text that is not empty. */
export function checkId(value: unknown, name: string): string {
  if (typeof value !== "string" || value === "" || !value.isWellFormed()) {
    throw invalid(name, "a well-formed, non-empty string", value);
  }
  return value;
}

/** Checks one of a few words. */
export function checkOneOf<T extends string>(
  value: unknown,
  words: readonly T[],
  name: string,
): T {
  if (!words.includes(value as T)) {
    throw invalid(
      name,
      `one of ${words.map((each) => `"${each}"`).join(", ")}`,
      value,
    );
  }
  return value as T;
}

/** Checks a number that JSON can carry. */
export function checkNumber(value: unknown, name: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw invalid(name, "a finite number", value);
  }
  return value;
}

/** Checks a count: a whole number from 0. */
export function checkCount(value: unknown, name: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw invalid(name, "a non-negative integer", value);
  }
  return value as number;
}

/** Checks a Date that is a moment, and returns its milliseconds since 1970. */
export function checkDate(value: unknown, name: string): number {
  if (
    !(value instanceof Date) || Number.isNaN(value.getTime()) ||
    value.toJSON !== Date.prototype.toJSON
  ) {
    throw invalid(name, "a valid Date", value);
  }
  return value.getTime();
}

/** Checks an object that is neither null nor an array, and is written as it is. */
export function checkObject(
  value: unknown,
  name: string,
): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(name, "an object", value);
  }
  if (writesItself(value)) {
    throw invalid(name, "an object without toJSON", value);
  }
  return value as Record<string, unknown>;
}

/**
 * Checks an object inside of JSON, and returns the properties that JSON writes:
 * its own, not what it has from a class.
 */
export function checkProperties(
  value: unknown,
  name: string,
): Record<string, unknown> {
  return { ...checkObject(value, name) };
}

/** Checks a list that is written as it is, and returns its elements: a hole is `undefined`. */
export function checkArray(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(name, "an array", value);
  if (writesItself(value)) {
    throw invalid(name, "an array without toJSON", value);
  }
  return Array.from(value);
}

/** Whether JSON has something else for the object than its properties. */
function writesItself(value: object): boolean {
  return "toJSON" in value && typeof value.toJSON === "function";
}

/** Checks a text inside of JSON, which can carry any string. */
export function checkString(value: unknown, name: string): string {
  if (typeof value !== "string") throw invalid(name, "a string", value);
  return value;
}

/** Checks a list of texts inside of JSON. */
export function checkStrings(value: unknown, name: string): void {
  checkArray(value, name).forEach((each, i) =>
    checkString(each, `${name}[${i}]`)
  );
}

/** Checks a property of an object, if it is there. */
export function checkOptional(
  object: Record<string, unknown>,
  property: string,
  check: (value: unknown, name: string) => unknown,
  name: string,
): void {
  if (object[property] !== undefined) {
    check(object[property], `${name}.${property}`);
  }
}

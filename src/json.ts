/**
 * JSON that loses nothing: what JSON would drop or change in silence is
 * refused before it is written.
 *
 * @module
 */

import { Failure, show } from "./failure.ts";

/**
 * Returns a value as JSON text.
 *
 * `undefined` as a property's value means an absent property, as everywhere in
 * JavaScript; an object with a `toJSON` of its own, such as a Date, is written
 * as what that returns. Refused are: a cycle, a bigint, a function, a symbol, a
 * number that is not finite, an `undefined` in an array, and objects that JSON
 * empties, such as a Map, a Set or an Error.
 */
export function toJson(value: unknown, name: string): string {
  let text: string | undefined;
  try {
    const flaw = findFlaw(value, []);
    if (flaw !== undefined) {
      throw new Failure(
        "invalid-argument",
        `${name}${flaw.path} ${flaw.why}, got ${show(flaw.value)}`,
      );
    }
    text = JSON.stringify(value);
  } catch (error) {
    if (error instanceof Failure) throw error;
    // Nesting deeper than the stack, or a toJSON of the caller's that throws.
    throw new Failure(
      "invalid-argument",
      `${name} cannot be written as JSON: ${(error as Error).message}`,
      error,
    );
  }
  if (text === undefined) {
    throw new Failure("invalid-argument", `${name} has no JSON form`);
  }
  return text;
}

interface Flaw {
  readonly path: string;
  readonly why: string;
  readonly value: unknown;
}

/** Finds what JSON cannot carry; the path is put together only on the way back. */
function findFlaw(value: unknown, above: object[]): Flaw | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value)
        ? undefined
        : { path: "", why: "must be a finite number", value };
    case "object":
      return value === null ? undefined : findFlawInside(value, above);
    default:
      return { path: "", why: "must be a value that JSON can carry", value };
  }
}

function findFlawInside(value: object, above: object[]): Flaw | undefined {
  if (above.includes(value)) {
    return { path: "", why: "must not contain itself", value };
  }
  if (value instanceof Date && Number.isNaN(value.getTime())) {
    return { path: "", why: "must be a valid Date", value };
  }
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return findFlaw(value.toJSON(""), [...above, value]);
  }
  const isArray = Array.isArray(value);
  if (!isArray && Object.prototype.toString.call(value) !== "[object Object]") {
    return { path: "", why: "must be a value that JSON can carry", value };
  }
  above.push(value);
  if (isArray) {
    for (let i = 0; i < value.length; i++) {
      const flaw = findFlaw(value[i], above);
      if (flaw) return { ...flaw, path: `[${i}]${flaw.path}` };
    }
  } else {
    for (const [key, each] of Object.entries(value)) {
      const flaw = each === undefined ? undefined : findFlaw(each, above);
      if (flaw) return { ...flaw, path: `.${key}${flaw.path}` };
    }
  }
  above.pop();
  return undefined;
}

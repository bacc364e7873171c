/**
 * How one property of a record is checked, written and read. The codecs of
 * sessions and messages are tables of these.
 *
 * @module
 */

import { checkDate, checkNumber, checkOneOf, checkText } from "./check.ts";
import { toJson } from "./json.ts";

/** One property of a record. */
export interface Field {
  /** Checks the value and returns it as text. */
  readonly write: (value: unknown, name: string) => string;
  /** Returns the text as the value; throws where it is none. */
  readonly read: (text: string) => unknown;
}

/** Any text. */
export const text: Field = { write: checkText, read: (text) => text };

/** One of a few words. */
export function oneOf(words: readonly string[]): Field {
  return {
    write: (value, name) => checkOneOf(value, words, name),
    read: (text) => checkOneOf(text, words, "value"),
  };
}

/** A number, as decimal text. */
export const number: Field = {
  write: (value, name) => String(checkNumber(value, name)),
  read: (text) => checkNumber(text === "" ? NaN : Number(text), "value"),
};

/** A Date, as milliseconds since 1970. */
export const date: Field = {
  write: (value, name) => String(checkDate(value, name)),
  read: readDate,
};

/** A value that passes the check, as JSON text, in which the named properties are Dates. */
export function json(
  check: (value: unknown, name: string) => void,
  dates: readonly string[] = [],
): Field {
  return {
    write: (value, name) => {
      check(value, name);
      return toJson(value, name);
    },
    read: (text) => {
      const value: unknown = JSON.parse(text);
      if (dates.length > 0) reviveDates(value, dates);
      check(value, "value");
      return value;
    },
  };
}

/** Returns the Date that a text stands for: milliseconds, or ISO 8601 as the documented adapter wrote it. */
export function readDate(text: string): Date {
  const date = new Date(/^-?\d+$/.test(text) ? Number(text) : text);
  checkDate(date, "value");
  return date;
}

/** Puts Dates where JSON has their text, in an object or in each object of a list. */
function reviveDates(value: unknown, names: readonly string[]): void {
  if (Array.isArray(value)) {
    for (const each of value) reviveDates(each, names);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const object = value as Record<string, unknown>;
  for (const name of names) {
    const text = object[name];
    if (typeof text === "string") object[name] = new Date(text);
  }
}

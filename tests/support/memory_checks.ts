/**
 * How the memory adapter checks single values: each check returns a copy, or
 * throws a Refusal.
 *
 * @module
 */

import type { StorageErrorReason } from "@reaatech/session-continuity-storage-redis";

/** Says why a call cannot be answered; the adapter adds what was tried. */
export class Refusal extends Error {
  readonly reason: StorageErrorReason;

  constructor(reason: StorageErrorReason, message: string) {
    super(message);
    this.name = "Refusal";
    this.reason = reason;
  }
}

/** Refuses what cannot identify anything. */
export function checkId(value: unknown, name = "id"): string {
  const id = text(value, name);
  if (id !== "" && id.isWellFormed()) return id;
  throw new Refusal("invalid-argument", `${name} is not well-formed: "${id}"`);
}

/** Refuses what is no date. */
export function date(value: unknown, name: string): Date {
  if (value instanceof Date && !Number.isNaN(value.getTime())) {
    return new Date(value);
  }
  throw new Refusal("invalid-argument", `${name} is not a valid date`);
}

/** Refuses what is no finite number. */
export function number(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new Refusal("invalid-argument", `${name} is not a finite number`);
}

/** Refuses what is no list. */
export function list(value: unknown, name: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new Refusal("invalid-argument", `${name} is not a list`);
}

/** Refuses what is no text. */
export function text(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw new Refusal("invalid-argument", `${name} is not a text`);
}

/** Refuses what is no whole number from 0. */
export function count(value: unknown, name: string): number {
  if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
  throw new Refusal("invalid-argument", `${name} is not a count`);
}

/** Refuses all but a few words. */
export function oneOf(allowed: string[], value: unknown, name: string): string {
  if (allowed.includes(text(value, name))) return String(value);
  throw new Refusal("invalid-argument", `${name} is none of ${allowed}`);
}

/** Refuses what has no fields; the copy is shallow. */
export function fields(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return { ...value };
  }
  throw new Refusal("invalid-argument", `${name} is not an object`);
}

/** Copies what JSON can carry and refuses the rest. */
export function json(
  value: unknown,
  name: string,
  above: unknown[] = [],
): unknown {
  if (value === null || ["string", "boolean"].includes(typeof value)) {
    return value;
  }
  if (typeof value === "number") return number(value, name);
  const isPlain = typeof value === "object" &&
    [Object.prototype, Array.prototype, null].includes(
      Object.getPrototypeOf(value),
    );
  if (!isPlain || above.includes(value)) {
    throw new Refusal("invalid-argument", `${name} is not JSON`);
  }
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((item) => json(item, name, path));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, json(item, name, path)]),
  );
}

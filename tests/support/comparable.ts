/**
 * Levels what `node:assert` takes for a difference and `@std/assert` does not.
 *
 * @module
 */

/**
 * Returns a copy in which `node:assert` finds equal what `@std/assert` does:
 * objects with and without a prototype are the same, and -0 is 0.
 */
export function comparable(value: unknown, copies = new Map()): unknown {
  if (typeof value === "number") return value === 0 ? 0 : value;
  if (typeof value !== "object" || value === null) return value;
  if (copies.has(value)) return copies.get(value);
  if (Array.isArray(value)) {
    const copy: unknown[] = new Array(value.length);
    copies.set(value, copy);
    value.forEach((item, index) => copy[index] = comparable(item, copies));
    return copy;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return value;
  const copy: Record<PropertyKey, unknown> = Object.create(null);
  copies.set(value, copy);
  for (const key of Reflect.ownKeys(value)) {
    copy[key] = comparable(Reflect.get(value, key), copies);
  }
  return copy;
}

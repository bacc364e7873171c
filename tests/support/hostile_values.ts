/**
 * Random values that nobody means well with: ids that look like keys, patterns
 * or properties, texts that are hard to carry, and objects of all kinds.
 *
 * @module
 */

import fc from "fast-check";

/** Pieces that mean something to somebody on the way: to Redis, Lua, JSON, JavaScript, or the adapter. */
const PIECES = [
  ...["", "*", "?", "[a-z]", "\\", "\\\\", '"', '\\"', "'", ":", "::", "->"],
  ...["{}", "{", "}", "{a}", ":messages", ":messages:", ":seq", ":sessions"],
  ...["session:", "sessions:", "message:", "user:", "by-created", "#", "%d%s"],
  ...["__proto__", "constructor", "prototype", "toString", "toJSON", "length"],
  ...["\0", "\n", "\r\n", "\t", "\x1e", "\x1f", "\x7f", "\x85", "\u2028"],
  ...["\ufeff", "\ufffd", "\uffff", "\u{1f98a}", "\u{10ffff}", "\ud83d"],
  ...["\ude00", "\u00e9", "e\u0301", "\u202e", "\u0130", "\u00df", "nil"],
  ...[
    "null",
    "undefined",
    "NaN",
    "-0",
    "01",
    "1e999",
    "$ref",
    "${x}",
    "\\u0000",
  ],
  ...['","createdAt":1,"sequence":1,"x":"', ',"metadata":{}', "$3\r\nfoo\r\n"],
  ...["*3\r\n$8\r\nFLUSHALL\r\n", "EVAL", "redis.call('FLUSHALL')", "x"],
] as const;

/** Any text, half surrogate pairs too. */
export const TEXTS: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.constantFrom(...PIECES), weight: 3 },
  {
    arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 5 })
      .map((pieces) => pieces.join("")),
    weight: 4,
  },
  { arbitrary: fc.string({ unit: "binary", maxLength: 12 }), weight: 2 },
  {
    arbitrary: fc.array(fc.nat({ max: 0xffff }), { maxLength: 8 })
      .map((units) => String.fromCharCode(...units)),
    weight: 2,
  },
  {
    arbitrary: fc.tuple(fc.constantFrom(...PIECES), fc.nat({ max: 2000 }))
      .map(([piece, times]) => piece.repeat(times)),
    weight: 1,
  },
);

/** Ids that Redis can carry. */
export const IDS = TEXTS.filter((text) => text !== "" && text.isWellFormed());

/** Makes another text of one, which somebody could take for the same. */
const DISGUISES: readonly ((text: string) => string)[] = [
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => `${text}:messages:x`,
  (text) => `${text}\0`,
  (text) => ` ${text}`,
  (text) => `${text}x`,
  (text) => text.slice(0, -1),
  (text) => `\ufeff${text}`,
  (text) => `{${text}`,
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  (text) => text.normalize("NFC"),
  (text) => text.normalize("NFD"),
  (text) => text.normalize("NFKC"),
  (text) => text.replaceAll("*", "x"),
  (text) => text.replaceAll("\\", ""),
  (text) => text.replaceAll(/[^ -~]/gu, "\ufffd"),
];

/** Two ids that differ, often by little. */
export const ID_PAIRS: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  fc.tuple(IDS, IDS),
  fc.tuple(IDS, fc.constantFrom(...DISGUISES), fc.boolean()).map(
    ([id, disguise, isTurned]) => {
      const pair = [id, disguise(id)] as const;
      return isTurned ? [pair[1], pair[0]] as const : pair;
    },
  ),
).filter(([a, b]) =>
  a !== b && [a, b].every((id) => id !== "" && id.isWellFormed())
);

/** Values that JSON carries as they are, with names and texts of all kinds. */
export const JSON_VALUES: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    TEXTS,
    fc.constantFrom(null, true, false),
    fc.constantFrom(0, -1, 1e21, 5e-324, 1.7976931348623157e308, 2 ** 53),
    fc.double({ noNaN: true, noDefaultInfinity: true })
      .map((number) => number === 0 ? 0 : number),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("object"),
  ),
  object: fc.array(fc.tuple(TEXTS, tie("value")), { maxLength: 3 })
    .map((entries) => Object.fromEntries(entries)),
})).value;

/** Objects of them. */
export const JSON_OBJECTS: fc.Arbitrary<Record<string, unknown>> = fc
  .array(fc.tuple(TEXTS, JSON_VALUES), { maxLength: 3 })
  .map((entries) => Object.fromEntries(entries));

/** Nests a value in objects and lists. */
export function nest(value: unknown, levels: number): unknown {
  let nested = value;
  for (let i = 0; i < levels; i++) nested = i % 2 ? [nested] : { x: nested };
  return nested;
}

/** An object whose properties are not its own. */
class Borrowed {
  get type() {
    return "text";
  }
  get text() {
    return "Hi";
  }
  get id() {
    return "p";
  }
  get role() {
    return "user";
  }
}

/** Values that JSON drops, changes or cannot write; made anew each time, for some are mutable. */
const ODD: readonly (() => unknown)[] = [
  () => undefined,
  () => NaN,
  () => Infinity,
  () => -Infinity,
  () => 1n,
  () => Symbol("s"),
  () => () => 5,
  () => new Map([["a", 1]]),
  () => new Set(["a"]),
  () => new Error("e"),
  () => /x/,
  () => new Uint8Array(3),
  () => new Date(NaN),
  () => Promise.resolve(5),
  () => new WeakMap(),
  () => new Array(3),
  () => new Borrowed(),
  () => Object.create({ type: "text", text: "Hi", title: 5 }),
  () => Object.defineProperty({}, "type", { value: "text" }),
  () => new Number(NaN),
  () => ({ toJSON: () => undefined }),
  () => ({ toJSON: () => ({ a: NaN }) }),
  () => ({
    toJSON() {
      throw new Error("no");
    },
  }),
  () => ({
    get title() {
      throw new Error("no");
    },
  }),
  () => {
    const cycle: Record<string, unknown> = {};
    cycle["itself"] = { again: [cycle] };
    return cycle;
  },
  () => nest(NaN, 50),
];

/** Any value at all. */
export const VALUES: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.constantFrom(...ODD).map((make) => make()), weight: 3 },
  { arbitrary: JSON_VALUES, weight: 2 },
  {
    arbitrary: fc.tuple(fc.constantFrom(...ODD), fc.nat({ max: 3 }))
      .map(([make, levels]) => nest(make(), levels)),
    weight: 1,
  },
  { arbitrary: fc.constantFrom(-0, null, "", "active", "user", []), weight: 1 },
);

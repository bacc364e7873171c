/**
 * The messages that the benchmark writes: texts from a seed, so that a run can
 * be repeated, and nothing can be tuned to them.
 *
 * @module
 */

/** Characters of a message, at least and at most; 285 on average. */
const SHORTEST = 35;
const LONGEST = 535;

const LETTERS = "eeeeeetttaaaooiinnsshhrrddlluuccmmwwffggyyppbbvk";
/** What JSON escapes or UTF-8 writes in more than one byte; about one word in 25 has one. */
const SPECIALS = ['"', "\\", "\n", "é", "ß", "漢", "🙂"];

/** A message as every contender stores it. */
export interface SampleMessage {
  readonly role: "user" | "assistant";
  readonly content: string;
  readonly tokenCount: number;
}

/** Returns numbers from 0 to 1 that look random: the generator mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const made = new Map<string, readonly SampleMessage[]>();

/**
 * Returns messages whose lengths are spread evenly, in an order that the seed
 * decides: however many they are, their average length is the same.
 */
export function sampleMessages(
  count: number,
  seed: number,
): readonly SampleMessage[] {
  const key = `${count} ${seed}`;
  const messages = made.get(key) ?? makeMessages(count, seed);
  made.set(key, messages);
  return messages;
}

function makeMessages(count: number, seed: number): SampleMessage[] {
  const random = randomNumbers(seed);
  const lengths = Array.from(
    { length: count },
    (_, i) => Math.round(SHORTEST + (LONGEST - SHORTEST) * (i + 0.5) / count),
  );
  return shuffle(lengths, random).map((length, i) => ({
    role: i % 2 === 0 ? "user" : "assistant",
    content: sampleText(length, random),
    tokenCount: Math.ceil(length / 4),
  }));
}

function sampleText(length: number, random: () => number): string {
  let text = "";
  while (text.length < length) {
    const size = 2 + Math.floor(random() * 8);
    let word = "";
    for (let i = 0; i < size; i++) word += pick(LETTERS, random);
    text += random() < 0.04 ? `${word}${pick(SPECIALS, random)} ` : `${word} `;
  }
  // A cut through a pair of surrogates would leave half a character.
  return text.slice(0, length - 1).toWellFormed() + ".";
}

function pick(from: ArrayLike<string>, random: () => number): string {
  return from[Math.floor(random() * from.length)] as string;
}

/** Shuffles in place, by Fisher and Yates. */
function shuffle<T>(list: T[], random: () => number): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}

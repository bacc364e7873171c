/**
 * What a seeded defect is.
 *
 * @module
 */

/** A defect: a programming error that the tests have to catch. */
export interface Mutant {
  /** What is wrong. */
  readonly name: string;
  /** A text that occurs in the file once. */
  readonly text: string;
  /** What takes its place; nothing unless given. */
  readonly instead?: string;
  /** The tests that catch it, where they are others than its file's. */
  readonly tests?: readonly string[];
}

/** The defects of one file. The first one stands for them in a quick run. */
export interface MutatedFile {
  /** Its path. */
  readonly file: string;
  /** The tests that catch them: "a" for tests/a_test.ts. */
  readonly tests: readonly string[];
  /** The defects. */
  readonly mutants: readonly Mutant[];
}

/**
 * Returns the file's text with the defect in it.
 *
 * @throws {Error} when what is to be replaced is not there once
 */
export function mutate(
  source: string,
  { name, text, instead }: Mutant,
): string {
  const parts = source.split(text);
  if (parts.length === 2) return parts.join(instead ?? "");
  throw new Error(
    `Cannot seed "${name}": its text occurs ${parts.length - 1} times: ${text}`,
  );
}

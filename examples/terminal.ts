/**
 * Draws on a terminal, and prints plain lines where there is none.
 *
 * @module
 */

import process from "node:process";
import { styleText } from "node:util";
import yoctoSpinner from "yocto-spinner";

const { stdout } = process;

/** How wide a line may be. */
export const WIDTH = Math.min(Math.max(stdout.columns || 100, 60), 120);

const BAR_WIDTH = 24;
/** Where there is no bar, this many lines tell how far the work is. */
const PLAIN_STEPS = 10;

/** Colours a text; not where stdout is no terminal, or NO_COLOR is set. */
export function paint(
  style: Parameters<typeof styleText>[0],
  text: string,
): string {
  return styleText(style, text, { stream: stdout });
}

/** Returns a text on one line, without control characters, and cut to a length. */
export function shorten(text: string, length: number): string {
  // deno-lint-ignore no-control-regex
  const line = text.replaceAll(/[\s\x00-\x1f\x7f-\x9f]+/g, " ").trim();
  const characters = [...line];
  return characters.length > length
    ? `${characters.slice(0, length - 1).join("")}…`
    : line;
}

/** Returns how many there are of something. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Returns a heading, drawn across the page. */
export function heading(text: string): string {
  const rule = "─".repeat(Math.max(0, WIDTH - text.length - 4));
  return `\n${paint("dim", "──")} ${paint("bold", text)} ${paint("dim", rule)}`;
}

/**
 * Returns rows with their columns aligned: figures to the right, all else to
 * the left, the first row dimmed as a head.
 */
export function table(
  head: readonly string[],
  body: readonly (readonly (string | number)[])[],
): string[] {
  const widths = head.map((_, i) =>
    Math.max(...[head, ...body].map((row) => String(row[i]).length))
  );
  const line = (row: readonly (string | number)[]) =>
    row.map((cell, i) => {
      const width = widths[i] ?? 0;
      const isFigure = /^[\d.]+( ms)?$/.test(`${(body[0] ?? row)[i]}`);
      return isFigure ? `${cell}`.padStart(width) : `${cell}`.padEnd(width);
    }).join("  ").trimEnd();
  return [
    `  ${paint("dim", line(head))}`,
    ...body.map((row) => `  ${line(row)}`),
  ];
}

/** Shows that work goes on: a bar on a terminal, else a line now and then. */
export class Progress implements Disposable {
  readonly #spinner = isInteractive()
    // Signals are for the caller: there is more to clean up than a line.
    ? yoctoSpinner({ stream: stdout, handleSignals: false })
    : undefined;

  /** Begins a step whose size is not known. */
  start(text: string): void {
    if (this.#spinner === undefined) return;
    this.#spinner.text = text;
    this.#spinner.start();
  }

  /** Shows how far a step is. */
  update(text: string, done: number, total: number): void {
    if (this.#spinner !== undefined) {
      const filled = Math.round(BAR_WIDTH * done / total);
      const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
      this.#spinner.text = `${text} ${bar} ${done} of ${total}`;
      return;
    }
    const step = Math.max(10, Math.ceil(total / PLAIN_STEPS));
    if (done % step === 0) console.log(`  ${text} ${done} of ${total}`);
  }

  /** Ends a step with what came of it. */
  finish(text: string): void {
    this[Symbol.dispose]();
    console.log(text);
  }

  /** Takes an unfinished step off the screen. */
  [Symbol.dispose](): void {
    this.#spinner?.stop();
  }
}

function isInteractive(): boolean {
  const { env } = process;
  return stdout.isTTY && env["TERM"] !== "dumb" && !("CI" in env);
}

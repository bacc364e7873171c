/**
 * Tables as Markdown, as the project's formatter would write them.
 *
 * @module
 */

/** Writes a factor, "-" for none. */
export function factorText(factor: number | undefined): string {
  return factor === undefined ? "-" : `${factor.toFixed(2)}×`;
}

/** Returns a table whose first column is text and whose others are figures. */
export function table(
  head: readonly string[],
  body: readonly (readonly string[])[],
): string[] {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...body].map((line) => line[column]?.length ?? 0), 4)
  );
  const lines = [head, ...body].map((line) =>
    line.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    })
  );
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
  );
  lines.splice(1, 0, rule);
  return lines.map((line) => `| ${line.join(" | ")} |`);
}

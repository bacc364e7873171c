/**
 * The chart of many chats at once.
 *
 * @module
 */

import type { Results } from "../results.ts";
import { AXIS, COLORS, LEGEND, PAPER, titleOf, toSvg } from "./svg.ts";

/** Returns the chart: a bar for each contender at each length of history. */
export function turnChart({ entries, rows, delayMs }: Results): string {
  const where = delayMs > 0 ? `a link of ${delayMs} ms each way` : "loopback";
  const shown = rows.filter(({ turns }) => turns !== undefined);
  return toSvg({
    title: titleOf(
      `Turns of a chat a second, on ${where}`,
      "64 sessions at once on one connection: append, read the history, append. Higher is better.",
    ),
    grid: { left: 70, right: 30, top: 80, bottom: 84 },
    legend: LEGEND,
    xAxis: {
      ...AXIS,
      type: "category",
      data: shown.map(({ name }) => name.replace(/^.*at once, /, "")),
      axisTick: { show: false },
    },
    yAxis: { ...AXIS, type: "value" },
    series: entries.map(({ name }, i) => ({
      name,
      type: "bar",
      // The last one is the floor, which is no store.
      itemStyle: i < entries.length - 1
        ? { color: COLORS[i]! }
        : { color: PAPER, borderColor: COLORS[i]!, borderType: "dashed" },
      barGap: "8%",
      label: {
        show: true,
        position: "top",
        fontSize: 11,
        formatter: ({ value }) => Math.round(Number(value)).toString(),
      },
      data: shown.map(({ turns, figures }) => {
        const figure = figures[i];
        return figure ? 1000 * turns! / figure.medianMs : null;
      }),
    })),
  }, { width: 900, height: 400 });
}

/**
 * The chart of how reads grow with a history.
 *
 * @module
 */

import type { Results } from "../results.ts";
import {
  AXIS,
  COLORS,
  LEGEND,
  numberText,
  SYMBOLS,
  titleOf,
  toSvg,
} from "./svg.ts";

/** The rows of each side, by the messages in the session. */
const LAST: readonly (readonly [number, string])[] = [
  [20, "getMessages(20)"],
  [1000, "last 20 of 1,000"],
  [100_000, "last 20 of 100,000"],
];
const WHOLE: readonly (readonly [number, string])[] = [
  [20, "getMessages(20)"],
  [100, "getMessages(100)"],
  [1000, "getMessages(1000)"],
];

/** Returns the chart: the last 20 messages on the left, all of them on the right. */
export function readChart({ entries, rows }: Results): string {
  const lines = (points: typeof LAST, side: 0 | 1) =>
    entries.map(({ name }, i) => ({
      name,
      type: "line" as const,
      xAxisIndex: side,
      yAxisIndex: side,
      symbol: SYMBOLS[i]!,
      symbolSize: 9,
      lineStyle: {
        width: i === 0 ? 3 : 1.5,
        type: i === entries.length - 1 ? "dashed" as const : "solid" as const,
      },
      color: COLORS[i]!,
      data: points.flatMap(([messages, row]) => {
        const figure = rows.find(({ name }) => name === row)?.figures[i];
        return figure ? [[messages, figure.medianMs]] : [];
      }),
    }));
  const axis = (gridIndex: number, name: string) => ({
    ...AXIS,
    gridIndex,
    name,
    type: "log" as const,
    nameLocation: "middle" as const,
    axisLabel: { ...AXIS.axisLabel, formatter: numberText },
  });
  const x = (side: number, max: number) => ({
    ...axis(side, "messages in the session"),
    ...{ min: 10, max, nameGap: 28 },
  });
  const y = (side: number) => ({ ...axis(side, "ms, median"), nameGap: 44 });
  return toSvg({
    title: [
      titleOf("Reading the last 20 messages", "Lower is better."),
      titleOf("Reading all messages", "Lower is better.", 460),
    ],
    grid: [
      { left: 70, width: 350, top: 74, bottom: 92 },
      { left: 515, width: 350, top: 74, bottom: 92 },
    ],
    legend: LEGEND,
    xAxis: [x(0, 100_000), x(1, 1000)],
    yAxis: [y(0), y(1)],
    series: [...lines(LAST, 0), ...lines(WHOLE, 1)],
  }, { width: 900, height: 440 });
}

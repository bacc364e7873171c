/**
 * The chart of what every call takes elsewhere, beside this adapter.
 *
 * @module
 */

import { ratio, type Results } from "../results.ts";
import {
  AXIS,
  COLORS,
  LEGEND,
  numberText,
  SYMBOLS,
  titleOf,
  toSvg,
} from "./svg.ts";

const LINE_HEIGHT = 26;
const MARGINS = { top: 84, bottom: 84, left: 270, right: 40 };

/** Returns the chart: a line for each row, a mark for each contender. */
export function ratioChart({ entries, rows, delayMs }: Results): string {
  const where = delayMs > 0 ? `a link of ${delayMs} ms each way` : "loopback";
  const series = entries.slice(1).map(({ name }, i) => ({
    name,
    type: "scatter" as const,
    symbol: SYMBOLS[i + 1]!,
    symbolSize: 10,
    // Marks of the same place lie beside each other.
    symbolOffset: [0, 3 * (i + 2 - entries.length / 2)],
    itemStyle: { color: COLORS[i + 1]!, opacity: 0.9 },
    data: rows.flatMap(({ name: row, figures }) => {
      const times = ratio(figures, i + 1);
      return times === undefined ? [] : [[times, row]];
    }),
  }));
  const height = MARGINS.top + MARGINS.bottom + LINE_HEIGHT * rows.length;
  return toSvg({
    title: titleOf(
      `How many times as long as this adapter others take, on ${where}`,
      "Right of 1, this adapter is faster; the floor is no store, but the least that a call could cost.",
    ),
    grid: MARGINS,
    legend: LEGEND,
    xAxis: {
      ...AXIS,
      type: "log",
      axisLabel: {
        ...AXIS.axisLabel,
        formatter: (value: number) => `${numberText(value)}×`,
      },
    },
    yAxis: {
      ...AXIS,
      type: "category",
      inverse: true,
      data: rows.map(({ name }) => name),
      axisTick: { show: false },
      splitLine: { ...AXIS.splitLine, show: true },
    },
    series: [
      ...series,
      {
        type: "line",
        data: [],
        markLine: {
          silent: true,
          symbol: "none",
          label: {
            formatter: "this adapter",
            position: "start",
            color: COLORS[0],
            fontSize: 12,
          },
          lineStyle: { color: COLORS[0], width: 2, type: "solid" },
          data: [{ xAxis: 1 }],
        },
      },
    ],
  }, { width: 900, height });
}

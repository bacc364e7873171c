/**
 * The chart of many chats at once.
 *
 * @module
 */

import type { Results } from "../results.ts";
import { AXIS, COLORS, PAPER, titleOf, toSvg } from "./svg.ts";

const WIDTH = 210;
const LEFT = 130;
/** How far each side is from the one before. */
const STEP = 255;

/** Returns the chart: a side for each length of history, a bar for each contender. */
export function turnChart({ entries, rows, delayMs }: Results): string {
  const where = delayMs > 0 ? `a link of ${delayMs} ms each way` : "loopback";
  const shown = rows.filter(({ turns }) => turns !== undefined);
  const names = entries.map(({ name }) => name);
  return toSvg({
    title: [
      titleOf(
        `Turns of a chat a second, on ${where}`,
        "64 sessions at once on one connection: append, read the history, append. Higher is better.",
      ),
      ...shown.map(({ name }, side) => ({
        text: name.replace(/^.*at once, /, "Reading "),
        left: LEFT + STEP * side,
        top: 72,
        textStyle: { fontSize: 13, color: AXIS.axisLabel.color },
      })),
    ],
    grid: shown.map((_, side) => ({
      left: LEFT + STEP * side,
      ...{ width: WIDTH, top: 100, bottom: 40 },
    })),
    xAxis: shown.map((_, gridIndex) => ({
      ...AXIS,
      ...{ gridIndex, type: "value", splitNumber: 2 },
      // Room for the figure of the longest bar.
      max: ({ max }: { max: number }) => niceAbove(1.15 * max),
    })),
    yAxis: shown.map((_, gridIndex) => ({
      ...AXIS,
      ...{ gridIndex, type: "category", inverse: true, data: names },
      axisTick: { show: false },
      axisLabel: { ...AXIS.axisLabel, show: gridIndex === 0 },
    })),
    series: shown.map(({ turns, figures }, side) => ({
      ...{ type: "bar", xAxisIndex: side, yAxisIndex: side, barWidth: "62%" },
      label: {
        ...{ show: true, position: "right", fontSize: 12 },
        formatter: ({ value }: { value?: unknown }) =>
          Math.round(Number(value)).toLocaleString("en"),
      },
      data: figures.map((figure, i) => ({
        value: figure ? 1000 * turns! / figure.medianMs : null,
        // The last one is the floor, which is no store.
        itemStyle: i < names.length - 1
          ? { color: COLORS[i]! }
          : { color: PAPER, borderColor: COLORS[i]!, borderType: "dashed" },
      })),
    })),
  }, { width: 900, height: 340 });
}

/** Returns a round number that is no smaller. */
function niceAbove(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value)) / 2;
  return Math.ceil(value / unit) * unit;
}

/**
 * The chart of how lists grow with the number of sessions.
 *
 * @module
 */

import type { ScaleResults } from "../scale_report.ts";
import { AXIS, COLORS, LEGEND, numberText, titleOf, toSvg } from "./svg.ts";

/** Returns the chart: a line for each list by this adapter, and one by a scan. */
export function scaleChart({ sizes, rows }: ScaleResults): string {
  const lists = rows.filter(({ scans }) =>
    scans.every((scan) => scan !== null)
  );
  const rare = lists.filter(({ isPerLook }) => isPerLook).length;
  const lines = (
    name: string,
    color: string,
    timesOf: (list: typeof lists[number]) => readonly number[],
  ) =>
    lists.map((list) => ({
      name,
      color,
      type: "line" as const,
      symbolSize: 6,
      lineStyle: { width: 1.5 },
      data: timesOf(list).map((ms, i) => [sizes[i]!, ms]),
    }));
  const axis = (name: string, nameGap: number) => ({
    ...AXIS,
    ...{ name, nameGap },
    type: "log" as const,
    nameLocation: "middle" as const,
    axisLabel: { ...AXIS.axisLabel, formatter: numberText },
  });
  return toSvg({
    title: titleOf(
      "Lists as sessions grow in number",
      `A line for each of ${lists.length} ways to find sessions, the same by both; ${rare} of them leave out 99 of 100. Lower is better.`,
    ),
    grid: { left: 80, right: 40, top: 76, bottom: 92 },
    legend: LEGEND,
    xAxis: {
      ...axis("sessions in the server", 28),
      ...{ min: sizes[0]!, max: sizes.at(-1)! },
    },
    yAxis: axis("ms, median", 52),
    series: [
      ...lines(
        "this adapter",
        COLORS[0],
        ({ calls, units }) =>
          calls.map(({ medianMs }, i) => medianMs * units[i]!),
      ),
      ...lines(
        "SCAN, HGETALL and filters",
        COLORS[2],
        ({ scans }) => scans.map((scan) => scan!.medianMs),
      ),
    ],
  }, { width: 900, height: 420 });
}

/**
 * Which charts belong to docs/performance.md, and from which figures.
 *
 * @module
 */

import type { Results } from "../results.ts";
import type { ScaleResults } from "../scale_report.ts";
import { ratioChart } from "./ratios.ts";
import { readChart } from "./reads.ts";
import { scaleChart } from "./scale.ts";
import { turnChart } from "./turns.ts";

/** The figures of all runs; one that was not made has no charts. */
export interface AllResults {
  readonly loopback: Results | undefined;
  readonly delay: Results | undefined;
  readonly scale: ScaleResults | undefined;
}

/** Returns the charts as SVG, by the names of their files. */
export function drawCharts(
  { loopback, delay, scale }: AllResults,
): Map<string, string> {
  const charts = new Map<string, string>();
  if (loopback) {
    charts.set("ratios.svg", ratioChart(loopback));
    charts.set("reads.svg", readChart(loopback));
    charts.set("turns.svg", turnChart(loopback));
  }
  if (delay) {
    charts.set("ratios_delay.svg", ratioChart(delay));
    charts.set("turns_delay.svg", turnChart(delay));
  }
  if (scale) charts.set("scale.svg", scaleChart(scale));
  return charts;
}

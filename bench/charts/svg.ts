/**
 * Draws charts as SVG, on a background of their own, so that they can be read
 * on a light page and on a dark one.
 *
 * @module
 */

import { type EChartsOption, init } from "echarts";

const FONT = "system-ui, sans-serif";
const INK = "#24292f";
const FAINT = "#d0d7de";

/** The background. */
export const PAPER = "#ffffff";

/** One colour and one symbol for each contender, in their order; none relies on colour alone. */
export const COLORS = [
  "#0969da",
  "#6e7781",
  "#e36209",
  "#1a7f37",
  "#8250df",
  "#24292f",
] as const;
export const SYMBOLS = [
  "circle",
  "rect",
  "triangle",
  "diamond",
  "roundRect",
  "emptyCircle",
] as const;

/** The size of a chart, in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Returns a chart as the text of an SVG file. */
export function toSvg(option: EChartsOption, size: Size): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, ...size });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: PAPER,
      color: [...COLORS],
      textStyle: { fontFamily: FONT, color: INK },
      ...option,
    });
    return `${chart.renderToSVGString()}\n`;
  } finally {
    chart.dispose();
  }
}

/** Returns a title, and below it what helps to read the chart. */
export function titleOf(text: string, subtext: string, left = 16): Title {
  return {
    ...{ text, subtext, left, top: 12 },
    textStyle: { fontSize: 16, fontWeight: 600, color: INK },
    subtextStyle: { fontSize: 12, color: "#57606a" },
  };
}

type Title = NonNullable<Exclude<EChartsOption["title"], readonly unknown[]>>;

/** How every axis looks. */
export const AXIS = {
  axisLabel: { color: INK, fontSize: 12 },
  axisLine: { lineStyle: { color: INK } },
  splitLine: { lineStyle: { color: FAINT } },
  nameTextStyle: { color: INK, fontSize: 12 },
} as const;

/** How every legend looks. */
export const LEGEND = {
  bottom: 10,
  itemGap: 18,
  textStyle: { color: INK, fontSize: 12 },
} as const;

/** Writes a number without needless digits. */
export function numberText(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en");
}

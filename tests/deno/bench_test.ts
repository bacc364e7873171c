/**
 * The benchmark: that it runs, and judges rightly; not what it measures.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bounds } from "../../bench/bounds.ts";
import { drawCharts } from "../../bench/charts/all.ts";
import { expectations } from "../../bench/expectations.ts";
import { pairs } from "../../bench/pairs.ts";
import { toMarkdown } from "../../bench/report.ts";
import { judge, type Results } from "../../bench/results.ts";
import { rows } from "../../bench/rows.ts";
import { runBench } from "../../bench/run.ts";

const ENTRIES = ["this adapter", "slower"];

/** A run in which the other one takes four times as long. */
function resultsOf(delayMs = 0): Results {
  const [ours, other] = [1, 4].map((medianMs) => ({
    ...{ medianMs, p95Ms: medianMs, calls: 1 },
  }));
  return {
    machine: { date: "2026-01-01", runtime: "", server: "", cpus: 1 },
    ...{ rounds: 1, seed: 1, delayMs, memory: [] },
    entries: ENTRIES.map((name) => ({ name, client: "" })),
    rows: [
      { name: "both", figures: [ours!, other!] },
      { name: "one", figures: [ours!, null] },
    ],
    pairs: [{ name: "both", beside: "a pair", figures: [other!, ours!] }],
  };
}

describe("judge()", () => {
  it("holds times and speeds against bounds", () => {
    const verdicts = judge(resultsOf(), [
      { row: "both", against: "slower", timeAtMost: 0.25 },
      { row: "both", against: "slower", timeAtMost: 0.24 },
      { row: "both", against: "slower", speedAtLeast: 4 },
      { row: "both", against: "slower", speedAtLeast: 4.1 },
      { row: "both", against: "a pair", timeAtMost: 3.9 },
    ]);
    assertEquals(verdicts.map(({ measured }) => measured), [
      ...[0.25, 0.25, 4, 4, 4],
    ]);
    assertEquals(verdicts.map(({ isMet }) => isMet), [
      ...[true, false, true, false, false],
    ]);
  });

  it("leaves out what was not measured, or elsewhere", () => {
    const asked = [
      { row: "one", against: "slower", timeAtMost: 1 },
      { row: "none", against: "slower", timeAtMost: 1 },
      { row: "both", against: "slower", place: "delay", timeAtMost: 1 },
    ] as const;
    assertEquals(judge(resultsOf(), asked), []);
    assertEquals(judge(resultsOf(1), asked).length, 1);
  });
});

describe("the bounds and the expectations", () => {
  it("name rows and pairs that exist", () => {
    const names = new Set([...rows, ...pairs].map(({ name }) => name));
    for (const { row } of [...bounds, ...expectations]) {
      assert(names.has(row), row);
    }
  });
});

function run(filter: RegExp, delayMs: number): Promise<Results> {
  const isWanted = (name: string) => filter.test(name);
  return runBench({ rounds: 1, seed: 1, delayMs, isWanted });
}

describe("runBench()", () => {
  it("measures all contenders", async () => {
    const results = await run(/^(getSession|addMessage)$|beside one HSET/, 0);
    const measured = results.rows.map(({ figures }) =>
      figures.map((figure) => figure !== null)
    );
    assertEquals(measured, [
      [true, true, false, false, true, true],
      [true, true, true, true, true, true],
    ]);
    const text = toMarkdown(results);
    assertMatch(text, /^\| addMessage +\| +\d/m);
    assertMatch(text, /^\| addMessage, beside one HSET .* (yes|no) \|$/m);
  });

  it("measures over a link with a delay", async () => {
    const { rows } = await run(/^getSession$/, 2);
    // Each way; a timer can be early by less than a millisecond.
    for (const figure of rows[0]!.figures) {
      assert(figure === null || figure.medianMs > 2);
    }
  });
});

describe("drawCharts()", () => {
  it("draws what was measured", async () => {
    const loopback = await run(/^getMessages\(20\)$|last 20 of 20/, 0);
    const runs = { loopback, delay: undefined, scale: undefined };
    const charts = drawCharts(runs);
    assertEquals([...charts.keys()], ["ratios.svg", "reads.svg", "turns.svg"]);
    for (const [name, svg] of charts) {
      assertMatch(svg, /^<svg[\s\S]*<\/svg>\n$/, name);
      assertMatch(svg, />LangChain<\/text>/, name);
      assert(!/NaN|undefined/.test(svg), name);
    }
  });
});

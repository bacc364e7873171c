/**
 * Holds the counting of tests against reports as the three runners write them.
 * On Deno alone: it is about a script of the repository.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Counts,
  readReport,
  type Runtime,
} from "../../scripts/test_reports.ts";

const FAILURE =
  `<failure message="1 !== 2">AssertionError: \u001b[31m</failure>`;

async function countsOf(runtime: Runtime, report: string): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), "test-reports-"));
  try {
    await writeFile(
      join(folder, `${runtime}.xml`),
      `<?xml version="1.0" encoding="UTF-8"?><testsuites>${report}</testsuites>`,
    );
    return readReport(folder, runtime);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("readReport()", () => {
  it("counts Deno's steps, not the tests that group them", async () => {
    const counts = await countsOf(
      "deno",
      `<testsuite name="./a_test.ts">
        <testcase name="group">${FAILURE}</testcase>
        <testcase name="alone"></testcase>
      </testsuite>
      <testsuite name="steps">
        <testcase name="group &gt; fails">${FAILURE}</testcase>
        <testcase name="group &gt; inner"></testcase>
        <testcase name="group &gt; inner &gt; passes"></testcase>
        <testcase name="group &gt; inner &gt; waits"><skipped/></testcase>
      </testsuite>`,
    );
    assertEquals(counts, { passed: 2, failed: 1 });
  });

  it("counts a group of Deno that fails in a hook", async () => {
    const counts = await countsOf(
      "deno",
      `<testsuite name="./a_test.ts">
        <testcase name="group">${FAILURE}</testcase>
        <testcase name="group &gt; passes"></testcase>
      </testsuite>`,
    );
    assertEquals(counts, { passed: 1, failed: 1 });
  });

  it("counts the nested suites of Node and Bun", async () => {
    const report = `<testsuite name="group">
        <testcase name="fails" failure="1 !== 2">${FAILURE}</testcase>
        <testsuite name="inner"><testcase name="passes"/></testsuite>
      </testsuite>
      <testcase name="alone"/>`;
    assertEquals(await countsOf("node", report), { passed: 2, failed: 1 });
    assertEquals(await countsOf("bun", report), { passed: 2, failed: 1 });
  });

  it("counts none in a report that is missing or empty", async () => {
    const none = { passed: 0, failed: 0 };
    assertEquals(await countsOf("bun", ""), none);
    assertEquals(readReport(join(tmpdir(), "no-such-folder"), "node"), none);
  });
});

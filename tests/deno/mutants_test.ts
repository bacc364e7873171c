/**
 * Holds the list of defects against the sources. On Deno alone: it is about a
 * script of the repository.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { MUTATED_FILES } from "../../scripts/mutants/all.ts";
import { mutate } from "../../scripts/mutants/mutant.ts";

const root = new URL("../../", import.meta.url);

describe("MUTATED_FILES", () => {
  it("has defects whose text occurs once, and changes", () => {
    for (const { file, mutants } of MUTATED_FILES) {
      const source = readFileSync(new URL(file, root), "utf8");
      const unchanged = mutants.filter((each) =>
        mutate(source, each) === source
      );
      assertEquals(unchanged, []);
    }
  });

  it("has a defect for each script", () => {
    const files = new Set(MUTATED_FILES.map(({ file }) => file));
    const without = ["src/scripts/", "src/scripts/prelude/"]
      .flatMap((folder) =>
        readdirSync(new URL(folder, root))
          .filter((name) => name.endsWith(".ts"))
          .map((name) => folder + name)
      )
      .filter((file) => !files.has(file));
    assertEquals(without, []);
  });

  it("names each defect and each file once", () => {
    const files = MUTATED_FILES.map(({ file }) => file);
    assertEquals(files, [...new Set(files)]);
    for (const { mutants } of MUTATED_FILES) {
      const names = mutants.map(({ name }) => name);
      assertEquals(names, [...new Set(names)]);
    }
  });

  it("expects tests that are there", () => {
    const tests = MUTATED_FILES.flatMap(({ tests, mutants }) => [
      ...tests,
      ...mutants.flatMap((each) => each.tests ?? []),
    ]);
    const missing = tests.filter((name) =>
      !existsSync(new URL(`tests/${name}_test.ts`, root))
    );
    assertEquals(missing, []);
  });
});

describe("mutate()", () => {
  it("refuses a text that is gone, and one that is there twice", () => {
    const mutant = { name: "wrong", text: "b" };
    assertEquals(mutate("abc", mutant), "ac");
    assertEquals(mutate("abc", { ...mutant, instead: "d" }), "adc");
    assertThrows(() => mutate("ac", mutant), Error, "wrong");
    assertThrows(() => mutate("abcb", mutant), Error, "2 times");
  });
});

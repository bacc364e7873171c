/**
 * Defects of the indexes of a cluster.
 *
 * @module
 */

import type { MutatedFile } from "./mutant.ts";

/** Defects of what keeps the hints of a cluster. */
export const CLUSTERS: readonly MutatedFile[] = [
  {
    file: "src/hints.ts",
    tests: ["servers/cluster_indexes"],
    mutants: [
      {
        name: "hints that are taken away are not put back",
        text: "this.#leave(id, userId),\n    ]);\n    await this.restore(id);",
        instead: "this.#leave(id, userId),\n    ]);",
      },
    ],
  },
  {
    file: "src/scripts/put_hint.ts",
    tests: ["servers/cluster_indexes"],
    mutants: [
      {
        name: "a hint is put without its condition",
        text: 'if condition ~= "" then table.insert(ask, 3, condition) end',
      },
    ],
  },
  {
    file: "src/scripts/remove_hint.ts",
    tests: ["servers/cluster_indexes"],
    mutants: [
      {
        name: "a hint is not taken out of an index",
        text: 'if kind == "zset" then redis.call("ZREM", key, member) end',
      },
    ],
  },
  {
    file: "src/scripts/join_user.ts",
    tests: ["servers/cluster_indexes"],
    mutants: [
      {
        name: "a user's set of a cluster never ends",
        text: "life and now + life, now)",
        instead: "nil, now)",
      },
    ],
  },
  {
    file: "src/scripts/index_page.ts",
    tests: ["cluster_conformance"],
    mutants: [
      {
        name: "a page of an index has one order only",
        text: 'ARGV[3] == "desc"',
        instead: "false",
      },
    ],
  },
  {
    file: "src/scripts/read_facts.ts",
    tests: ["servers/older_data_cluster"],
    mutants: [
      {
        name: "facts have no user",
        text: "userId: userId as string | null ?? undefined,",
        instead: "userId: undefined,",
        tests: ["servers/cluster_indexes"],
      },
    ],
  },
];

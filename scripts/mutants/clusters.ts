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
      {
        name: "a user's set is not put back",
        text: "await this.#leave(id, userId);\n    await this.restore(id);",
        instead: "await this.#leave(id, userId);",
      },
      {
        name: "a hint that was corrected is not looked at again",
        text: "member: id, score });\n    }\n    await this.restore(id);",
        instead: "member: id, score });\n    }",
      },
      {
        name: "a session that is gone stays by activity",
        text: "...[byCreated, byActivity, byExpiry].map",
        instead: "...[byCreated, byExpiry].map",
      },
      {
        name: "a deadline is not put where it comes sooner",
        text: '{ ...hint, condition: "LT" }',
        instead: '{ ...hint, condition: "GT" }',
      },
      {
        name: "a deadline is put where it comes later",
        text: '{ ...hint, condition: "LT" }',
        instead: "hint",
      },
      {
        name: "an activity is put where it was earlier",
        text: '{ ...hint, condition: "GT" }',
        instead: "hint",
        tests: ["servers/model_cluster", "servers/cluster_indexes"],
      },
      {
        name: "an activity that was taken back is not corrected",
        text: "if (now !== undefined && now !== stands) await",
        instead: "if (false) await",
      },
      {
        name: "an id of another user is not cleaned up",
        text: 'else if ((facts.userId ?? "") !== userId)',
        instead: "else if (false)",
      },
      {
        name: "a sweep loses who is alive",
        text: "await this.#expire(id, userId, facts.lifeMs);",
        instead: "await this.remove(id, userId);",
      },
      {
        name: "hints live no longer than their session",
        text: "ttlMs + Math.ceil(ttlMs / 4)",
        instead: "ttlMs / 4",
      },
      {
        name: "a deadline counts letters, not bytes",
        text: "new TextEncoder().encode(id).length",
        instead: "id.length",
        tests: ["cluster_input", "servers/cluster_indexes"],
      },
      {
        name: "a create announces no user",
        text:
          "userId === undefined || joinUser(this.#store, userId, id, lifeMs),",
        instead: "",
        tests: ["servers/cluster_crashes"],
      },
      {
        name: "a session that leaves a user keeps its deadline",
        text:
          "removeHint(this.#store, byDeadline, deadlineMember(id, userId)),",
      },
      {
        name: "the clocks of two nodes are the same",
        text: "plusMs: -CLOCKS_DIFFER_MS,",
        instead: "plusMs: CLOCKS_DIFFER_MS,",
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
      {
        name: "a hint is put without what is added to its score",
        text: " + tonumber(ARGV[5]))",
        instead: ")",
      },
      {
        name: "a hint does not say which score stands",
        text: 'redis.call("ZSCORE", index, member)',
        instead: "score",
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
      {
        name: "a hint is not taken out of a user's set",
        text: 'if kind == "set" then redis.call("SREM", key, member) end',
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
      {
        name: "a user's set of a cluster ended long ago",
        text: "life and now + life, now)",
        instead: "life, now)",
      },
      {
        name: "a user's set of another type is not named",
        text: "if wrong then return wrong end",
        tests: ["servers/cluster_indexes"],
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
      {
        name: "a page of an index goes beyond what is due",
        text: 'ARGV[7] == "now" and clock()',
        instead: 'ARGV[7] == "now" and math.huge',
        tests: ["servers/cluster_trips", "servers/cluster_indexes"],
      },
      {
        name: "a page of an index begins before its cursor",
        text: "`${score}:${member}`",
        instead: "`${score - 1}:${member}`",
      },
      {
        name: "a page of an index has no range",
        text: "tonumber(ARGV[7]) or math.huge",
        instead: "math.huge",
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
      {
        name: "an older session of no user is the user's whose id is empty",
        text: '(stored[4] ~= "" or stored[6]) and stored[4]',
        instead: "stored[4]",
      },
      {
        name: "hints end with a session, not with its messages",
        text: "math.max(left, (integer(stored[5]) or 0) - clock())",
        instead: "left",
        tests: ["servers/cluster_indexes"],
      },
      {
        name: "a session that is gone is without facts",
        text: 'if left == -2 then return {"missing"} end',
        instead: "",
        tests: ["servers/cluster_indexes"],
      },
      {
        name: "a deadline that cannot be read is none",
        text: '(text or name ~= "expiresAt")',
        instead: 'name ~= "expiresAt"',
        tests: ["cluster_conformance"],
      },
    ],
  },
];

/**
 * Defects of lists of sessions.
 *
 * @module
 */

import type { MutatedFile } from "./mutant.ts";

/** Defects of what lists sessions. */
export const LISTS: readonly MutatedFile[] = [
  {
    file: "src/scripts/list_sessions.ts",
    tests: ["redis_conformance"],
    mutants: [
      {
        name: "a list leaves entries of sessions that are gone",
        text:
          "for _, session_id in ipairs(gone) do unindex(session_id, user) end",
        tests: ["index_upkeep"],
      },
      {
        name: "a list of a user's sessions has one order only",
        text: "(is_reversed and #both / 2 - 1 - place or place)",
        instead: "place",
        tests: ["listing"],
      },
      {
        name: "a list of a user's sessions goes by the user's set",
        text: '"WEIGHTS", 0, 1,',
        instead: '"WEIGHTS", 1, 0,',
        tests: ["listing"],
      },
      {
        name: "a user's set keeps sessions that are gone",
        text: "#both < 2 * size and",
        instead: "false and",
        tests: ["listing"],
      },
      {
        name: "a user's set loses sessions that wait for reindex()",
        text: 'and redis.call("EXISTS", session_key(session_id)) == 0',
        tests: ["older_neighbours"],
      },
      {
        name: "a list holds a range of creation against activity",
        text: "local is_by_created = index == by_created",
        instead: "local is_by_created = true",
        tests: ["listing"],
      },
      {
        name: "a list does not count down its limit",
        text: "limit - batch.length",
        instead: "limit",
        tests: ["large_lists"],
      },
      {
        name: "a list does not count down its offset",
        text: "offset: left as number",
        instead: "offset",
        tests: ["large_lists", "listing"],
      },
      {
        name: "a list stops cleaning up after one call",
        text: "hasMoreDue: swept === SWEEP_MOST",
        instead: "hasMoreDue: false",
        tests: ["ttl", "index_upkeep", "large_lists"],
      },
    ],
  },
  {
    file: "src/scripts/look_sessions.ts",
    tests: ["large_lists"],
    mutants: [
      {
        name: "a look takes places for rows",
        text: 'ask.wants_rows == "1" and row_of',
        instead: 'ask.wants_rows ~= "1" and row_of',
      },
    ],
  },
  {
    file: "src/scripts/scan_user.ts",
    tests: ["large_lists"],
    mutants: [
      {
        name: "a user's set is read in part",
        text: '"ok", scan[1], scan[2]',
        instead: '"ok", "0", scan[2]',
      },
    ],
  },
  {
    file: "src/scripts/scan_sessions.ts",
    tests: ["older_neighbours"],
    mutants: [
      {
        name: "a scan takes hashes of others for sessions",
        text: 'id and redis.call("HGET", key, "id") == id and id or nil',
        instead: "id",
      },
      {
        name: "a scan does not ask for types",
        text: ' or redis.call("TYPE", key).ok ~= "hash" then',
        instead: " then",
      },
    ],
  },
  {
    file: "src/scripts/session_query.ts",
    tests: ["listing"],
    mutants: [
      {
        name: "lists go by the other index",
        text: 'sortBy === "createdAt" ?',
        instead: 'sortBy !== "createdAt" ?',
      },
      {
        name: "a tag is asked for without its escapes",
        text: "JSON.stringify(tag)",
        instead: '`"${tag}"`',
        tests: ["tags"],
      },
      {
        name: "a field that is absent is a mark",
        text: "if (values[i] === ABSENT) values[i] = null;",
      },
      {
        name: "a list that filters by tags counts as one that does not",
        text: " || tags.length > 0",
        tests: ["large_lists", "listing"],
      },
    ],
  },
  {
    file: "src/scripts/expired_sessions.ts",
    tests: ["corrupt_sessions"],
    mutants: [
      {
        name: "a deadline that cannot be read is passed over",
        text: "(to_ms(expires_at) or before) <= before",
        instead: "(to_ms(expires_at) or math.huge) <= before",
      },
      {
        name: "a session that is gone stays by its own deadline",
        text:
          'for _, session_id in ipairs(gone) do redis.pcall("ZREM", by_expiry, session_id) end',
        tests: ["index_upkeep"],
      },
    ],
  },
  {
    file: "src/expired_list.ts",
    tests: ["large_lists"],
    mutants: [
      {
        name: "only the first thousand deadlines are due",
        text: 'while (cursor !== "");',
        instead: "while (false);",
      },
    ],
  },
  {
    file: "src/gathered_sessions.ts",
    tests: ["large_lists"],
    mutants: [
      {
        name: "gathered sessions are in the order of the set",
        text: "places.sort(comparePlaces);",
      },
      {
        name: "gathered sessions begin at the first",
        text: "gathered.slice(offset, offset + most)",
        instead: "gathered.slice(0, most)",
      },
      {
        name: "gathered sessions do not count down their limit",
        text: "limit && limit - rows.length",
        instead: "limit",
      },
      {
        name:
          "gathered sessions leave the first one out where all are asked for",
        text: "gathered.slice(position.offset)",
        instead: "gathered.slice(position.offset + 1)",
      },
      {
        name: "gathered sessions of one moment have no order",
        text: "return a.moment - b.moment || compareIds(a.id, b.id);",
        instead: "return a.moment - b.moment;",
      },
    ],
  },
  {
    file: "src/session_batches.ts",
    tests: ["cluster_conformance"],
    mutants: [
      {
        name: "a list of a cluster leaves out one too few",
        text: "if (skipped < offset) {",
        instead: "if (skipped + 1 < offset) {",
      },
    ],
  },
];

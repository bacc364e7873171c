/**
 * Shows what is in Redis, what was found again, and what each call took.
 *
 * @module
 */

import type {
  Session,
  SessionFilters,
} from "@reaatech/session-continuity-storage-redis";
import type { Line } from "./conversation.ts";
import type { Comparison } from "./differences.ts";
import type { Call } from "./measured_storage.ts";
import type { KeyGroup } from "./stored_keys.ts";
import { heading, paint, plural, shorten, table, WIDTH } from "./terminal.ts";

/** What a list was asked, and what it found. */
export interface Finding {
  readonly filters: SessionFilters;
  readonly sessions: readonly Session[];
}

/** Returns questions worth asking about the conversations: by user, tag, agent and status. */
export function questionsAbout(lines: readonly Line[]): SessionFilters[] {
  const sessions = lines.filter((line) => line.type === "session");
  const users = new Set(sessions.flatMap(({ userId }) => userId ?? []));
  const tags = new Set(
    sessions.flatMap(({ metadata }) => metadata?.tags ?? []),
  );
  const agents = new Set(
    lines.flatMap((line) =>
      line.type === "message" ? [] : line.activeAgentId ?? []
    ),
  );
  const status = new Set(
    lines.flatMap((line) => line.type === "update" ? line.status ?? [] : []),
  );
  return [
    ...[...users].slice(0, 2).map((userId) => ({ userId })),
    ...[...tags].slice(0, 4).map((tag) => ({ tags: [tag] })),
    ...[...agents].slice(0, 5).map((activeAgentId) => ({ activeAgentId })),
    ...[...status].slice(0, 2).map((status) => ({ status })),
  ];
}

/** Shows what lists found. */
export function findingsSection(findings: readonly Finding[]): string[] {
  const rows = findings.map(({ filters, sessions }) => [
    `listSessions(${JSON.stringify(filters).replaceAll(/"(\w+)":/g, "$1: ")})`,
    sessions.length,
    shorten(sessions.map(({ id }) => id).join(", ") || "-", WIDTH / 2),
  ]);
  return [
    heading("Found again by user, tag, agent and status"),
    ...table(["call", "sessions", ""], rows),
  ];
}

/** Shows the keys, and one record as it is stored. */
export function keysSection(
  groups: readonly KeyGroup[],
  example: { key: string; fields: Readonly<Record<string, string>> },
): string[] {
  const rows = groups.map((group) => [
    group.pattern,
    group.type,
    group.count,
    group.bytes,
    span(group.ttlSeconds),
    group.holds,
  ]);
  const byLength = Object.entries(example.fields).toSorted((a, b) =>
    a[1].length - b[1].length
  );
  const fields = byLength.map(([name, value]) =>
    `    ${paint("dim", name.padEnd(12))} ${
      shorten(value === "" ? '""' : value, WIDTH - 20)
    }`
  );
  return [
    heading("What is in Redis now"),
    ...table(["key", "type", "keys", "bytes", "expires in", "holds"], rows),
    "",
    `  HGETALL ${example.key}`,
    ...fields,
  ];
}

/** Shows what each method took, over all processes. */
export function callsSection(calls: readonly Call[]): string[] {
  const byMethod = Map.groupBy(calls, ({ method }) => method);
  const rows = [...byMethod].map(([method, made]) => {
    const durations = made.map(({ durationMs }) => durationMs);
    const roundTrips = made.reduce((sum, call) => sum + call.roundTrips, 0);
    return [
      method,
      made.length,
      roundTrips,
      milliseconds(median(durations)),
      milliseconds(Math.max(...durations)),
    ];
  });
  const longer = calls.filter(({ roundTrips }) => roundTrips > 1).length;
  return [
    heading("What each call took"),
    ...table(
      ["method", "calls", "round trips", "median", "max"],
      rows,
    ),
    ...(longer === 0 ? [] : [
      paint(
        "dim",
        `  A second round trip in ${
          plural(longer, "call")
        }: the server did not know the script yet, so it was sent along.`,
      ),
    ]),
  ];
}

/** Says in one line what came of it. */
export function verdict(messages: number, comparison: Comparison): string {
  const { lost, doubled, misplaced, changed } = comparison;
  return `${
    plural(messages, "message")
  } written, ${lost} lost, ${doubled} doubled, ${misplaced} out of order, ${changed} changed`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [Math.floor(middle), Math.ceil(middle)];
  return ((sorted[low] ?? NaN) + (sorted[high] ?? NaN)) / 2;
}

function milliseconds(duration: number): string {
  return `${duration.toFixed(2)} ms`;
}

function span([least, most]: readonly [number, number]): string {
  if (most < 0) return "never";
  if (least < 0) return "never, or later";
  const [from, to] = [least, most].map((seconds) => Math.round(seconds / 60));
  return from === to ? `${from} min` : `${from} to ${to} min`;
}

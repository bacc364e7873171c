/**
 * Shows a conversation as Redis has it, and where it was torn.
 *
 * @module
 */

import type { Message } from "@reaatech/session-continuity-storage-redis";
import type { Line } from "./conversation.ts";
import type { StoredSession } from "./differences.ts";
import type { Runs } from "./crash.ts";
import { heading, paint, plural, shorten, WIDTH } from "./terminal.ts";

/** Of a longer conversation this many rows are shown at each end, and at the tear. */
const EXCERPT_ROWS = 20;
const NUMBER_WIDTH = 6;
const SPEAKER_WIDTH = 10;
const TEXT_WIDTH = WIDTH - NUMBER_WIDTH - SPEAKER_WIDTH - 4;

interface Row {
  readonly text: string;
  /** Whether the process that was killed wrote it. */
  readonly isBeforeKill: boolean;
}

/** Returns the lines that show one conversation. */
export function transcript(
  stored: StoredSession,
  lines: readonly Line[],
  runs: Runs,
): string[] {
  const { session, messages } = stored;
  const { title, tags = [] } = session.metadata;
  const tokens = messages.reduce(
    (sum, each) => sum + (each.tokenCount ?? 0),
    0,
  );
  const facts = [
    ...(session.userId === undefined ? [] : [`user ${session.userId}`]),
    ...tags.map((tag) => `#${tag}`),
    plural(messages.length, "message"),
    plural(tokens, "token"),
  ];
  const rows = rowsOf(stored, lines, runs);
  const after = rows.findIndex(({ isBeforeKill }) => !isBeforeKill);
  const tear = after >= 0 ? after : rows.length;
  const shown = rows.map(({ text }) => text);
  shown.splice(tear, 0, ...tearOf(stored, lines, runs));
  return [
    heading(shorten(title ?? session.id, WIDTH / 2)),
    `  ${paint("dim", shorten(facts.join(" · "), WIDTH - 4))}`,
    ...excerpt(shown, tear),
  ];
}

/** Returns messages in Redis' order, and the updates between them in the file's. */
function rowsOf(
  { session, messages }: StoredSession,
  lines: readonly Line[],
  [killed]: Runs,
): Row[] {
  const rows = messages.map((message): Row => ({
    text: messageRow(message, session.userId ?? "user"),
    isBeforeKill: message.metadata?.annotations?.["writerPid"] === killed.pid,
  }));
  let position = 0;
  let agent = "";
  for (const [at, line] of lines.entries()) {
    if (line.type === "session" && line.id === session.id) {
      agent = line.activeAgentId ?? "nobody";
    }
    if (line.type === "session" || line.session !== session.id) continue;
    if (line.type === "update") {
      const { activeAgentId = agent, status, expectedVersion } = line;
      const changes = [
        ...(activeAgentId === agent ? [] : [`${agent} ⇒ ${activeAgentId}`]),
        ...(status === undefined ? [] : [`session ${status}`]),
        paint("dim", `(version ${expectedVersion} to ${expectedVersion + 1})`),
      ];
      const text = `${" ".repeat(NUMBER_WIDTH + 2)}${
        paint("magenta", changes.join("  "))
      }`;
      rows.splice(position, 0, { text, isBeforeKill: at <= killed.storedAt });
      agent = activeAgentId;
    }
    position++;
  }
  return rows;
}

function messageRow(message: Message, user: string): string {
  const { role, sequence, metadata } = message;
  const agent = metadata?.annotations?.["agent"];
  const speaker = role === "user"
    ? user
    : role === "assistant" && typeof agent === "string"
    ? agent
    : role;
  const style = role === "user"
    ? "cyan"
    : role === "assistant"
    ? "green"
    : "dim";
  const number = `${sequence}`.padStart(NUMBER_WIDTH);
  const label = shorten(speaker, SPEAKER_WIDTH).padEnd(SPEAKER_WIDTH);
  return `${paint("dim", number)}  ${paint(style, label)}  ${textOf(message)}`;
}

/** Returns what a message says, its pictures, calls and results, on one line. */
function textOf({ role, content, metadata }: Message): string {
  const parts = typeof content === "string"
    ? [content]
    : content.map((part) =>
      part.type === "text"
        ? part.text
        : `[image ${part.image_url.url.replace(/^.*\//, "")}]`
    );
  const calls = metadata?.toolCalls ?? [];
  const results = metadata?.toolResults ?? [];
  const text = fit([
    ...parts,
    ...calls.map((call) => `→ ${call.name} ${call.arguments}`),
    ...results.map(({ result, isError }) => `${isError ? "✗" : "←"} ${result}`),
  ]);
  return role === "tool" ? paint("dim", text) : text;
}

/** Joins texts on one line; what short ones leave is for the long ones. */
function fit(texts: readonly string[]): string {
  const pieces = texts.filter((text) => text !== "");
  const lengths = new Map<string, number>();
  let room = TEXT_WIDTH - pieces.length;
  let left = pieces.length;
  for (const piece of pieces.toSorted((a, b) => a.length - b.length)) {
    const length = Math.min(piece.length, Math.floor(room / left));
    lengths.set(piece, length);
    room -= length;
    left--;
  }
  return pieces.map((piece) => shorten(piece, lengths.get(piece) ?? 0))
    .join(" ");
}

/** Returns the lines between what the one and the other process wrote. */
function tearOf(
  { session, messages }: StoredSession,
  lines: readonly Line[],
  [killed, second]: Runs,
): string[] {
  const last = lines[killed.sentAt];
  const inFlight = last?.type === "message" && last.session === session.id
    ? messages.find(({ id }) => id === last.id)
    : undefined;
  const end = `✖ SIGKILL ends process ${killed.pid}`;
  const sequel = `▶ Process ${second.pid}`;
  if (inFlight === undefined) {
    return [rule("red", end), rule("green", `${sequel} goes on`)];
  }
  const name = `message ${inFlight.sequence}`;
  if (inFlight.metadata?.annotations?.["writerPid"] === killed.pid) {
    return [
      rule("red", `${end} before it hears that ${name} is stored`),
      rule("green", `${sequel} sends ${name} again: it is there once`),
    ];
  }
  return [
    rule("red", `${end} before ${name} reaches Redis`),
    rule("green", `${sequel} sends ${name} and goes on`),
  ];
}

function rule(style: "red" | "green", text: string): string {
  return paint([style, "bold"], `  ━━ ${text} `.padEnd(WIDTH, "━"));
}

/** Returns the rows, or of many those at the ends and around one. */
function excerpt(rows: readonly string[], middle: number): string[] {
  const shown = rows.map((_, i) =>
    i < EXCERPT_ROWS || i >= rows.length - EXCERPT_ROWS ||
    Math.abs(i - middle) <= EXCERPT_ROWS / 2
  );
  const result: string[] = [];
  let left = 0;
  for (const [i, row] of rows.entries()) {
    if (shown[i]) {
      if (left > 0) {
        result.push(
          paint("dim", `${"⋮".padStart(NUMBER_WIDTH)}  ${left} more`),
        );
      }
      left = 0;
      result.push(row);
    } else left++;
  }
  return result;
}

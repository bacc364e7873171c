/**
 * Reads conversations from a JSON Lines file, and finds what is wrong with it
 * before anything is written. README.md beside it gives the format.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { z } from "zod";
import { shorten } from "./terminal.ts";

const id = z.string().regex(
  /^[\w.-]{1,100}$/,
  "must be 1 to 100 letters, digits, dots, dashes and underscores",
);
const name = z.string().min(1, "must not be empty").refine(
  (text) => text.isWellFormed(),
  "must not hold half a surrogate pair",
);
const size = z.int("must be a whole number").min(0, "must not be negative");

const sessionSchema = z.strictObject({
  type: z.literal("session"),
  id,
  userId: z.exactOptional(name),
  activeAgentId: z.exactOptional(name),
  metadata: z.exactOptional(z.strictObject({
    title: z.exactOptional(z.string()),
    tags: z.exactOptional(z.array(name)),
    source: z.exactOptional(z.string()),
    custom: z.exactOptional(z.record(z.string(), z.json())),
  })),
  tokenBudget: z.exactOptional(z.strictObject({
    maxTokens: size,
    reserveTokens: size,
    overflowStrategy: z.enum(["truncate", "compress", "error"]),
  })),
});

const partSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text: z.string() }),
  z.strictObject({
    type: z.literal("image_url"),
    image_url: z.strictObject({ url: z.string() }),
  }),
]);

const messageSchema = z.strictObject({
  type: z.literal("message"),
  session: id,
  id,
  role: z.enum(["user", "assistant", "system", "tool"]),
  content: z.union([z.string(), z.array(partSchema)], {
    error: "must be text, or an array of text and image_url parts",
  }),
  tokenCount: z.exactOptional(size),
  metadata: z.exactOptional(z.strictObject({
    toolCalls: z.exactOptional(z.array(
      z.strictObject({ id: name, name, arguments: z.string() }),
    )),
    toolResults: z.exactOptional(z.array(z.strictObject({
      toolCallId: name,
      result: z.string(),
      isError: z.exactOptional(z.boolean()),
    }))),
    annotations: z.exactOptional(z.record(z.string(), z.json())),
  })),
});

const updateSchema = z.strictObject({
  type: z.literal("update"),
  session: id,
  activeAgentId: z.exactOptional(name),
  status: z.exactOptional(
    z.enum(["active", "paused", "completed", "expired"]),
  ),
});

const lineSchema = z.discriminatedUnion("type", [
  sessionSchema,
  messageSchema,
  updateSchema,
]);

/** Begins a session. */
export type SessionLine = z.infer<typeof sessionSchema>;
/** Appends a message. */
export type MessageLine = z.infer<typeof messageSchema>;
/** Updates a session: a handoff, or a new status. */
export type UpdateLine = z.infer<typeof updateSchema> & {
  /** The version that the session has before: each update adds one. */
  readonly expectedVersion: number;
};
/** One line of the file. */
export type Line = SessionLine | MessageLine | UpdateLine;

/**
 * Reads a file and checks it as a whole.
 *
 * @throws {Error} when it cannot be read or used, naming the file and the line
 */
export async function readConversation(path: string): Promise<Line[]> {
  const text = await readFile(path, "utf8").catch((error) => {
    throw new Error(`Cannot read "${path}": ${whyUnreadable(error)}`);
  });
  const lines: Line[] = [];
  const checker = new Checker();
  const texts = text.replace(/^\uFEFF/, "").trimEnd().split("\n");
  if (texts.join("") === "") throw new Error(`${path}: is empty`);
  for (const [i, json] of texts.entries()) {
    try {
      lines.push(checker.check(json));
    } catch (error) {
      throw new Error(`${path}:${i + 1}: ${(error as Error).message}`);
    }
  }
  if (lines.some(({ type }) => type === "message")) return lines;
  throw new Error(`${path}: has no message`);
}

/** Checks one line after another, also against those before. */
class Checker {
  /** The version that each session has by now. */
  readonly #versions = new Map<string, number>();
  readonly #messageIds = new Set<string>();

  check(json: string): Line {
    const line = parseLine(json);
    if (line.type === "session") {
      if (this.#versions.has(line.id)) {
        throw new Error(`session "${line.id}" has begun before`);
      }
      this.#versions.set(line.id, 1);
      return line;
    }
    const version = this.#versions.get(line.session);
    if (version === undefined) {
      throw new Error(`session "${line.session}" has not begun`);
    }
    if (line.type === "update") {
      this.#versions.set(line.session, version + 1);
      return { ...line, expectedVersion: version };
    }
    if (this.#messageIds.has(line.id)) {
      throw new Error(`message "${line.id}" was there before`);
    }
    this.#messageIds.add(line.id);
    return line;
  }
}

function parseLine(json: string): z.infer<typeof lineSchema> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    // A line of its own: where it says "line 1", the file has another number.
    const why = (error as Error).message.replace(" (line 1 column", " (column");
    throw new Error(`is no JSON: ${shorten(why, 120)}`);
  }
  const { data, error } = lineSchema.safeParse(value, { error: explain });
  if (data !== undefined) return data;
  const { path, message } = error.issues[0]!;
  throw new Error(`${z.core.toDotPath(path) || "the line"} ${message}`);
}

/** Says what a value must be, and what it is. */
function explain(issue: z.core.$ZodRawIssue): string | undefined {
  const { input } = issue;
  switch (issue.code) {
    case "invalid_type":
      return `must be a JSON ${issue.expected}, ${got(input)}`;
    case "invalid_value":
      return `must be ${quoted(issue.values)}, ${got(input)}`;
    case "invalid_union":
      // Of the kinds of lines, which their type tells apart.
      return `must be "session" or "message" or "update", ${
        got((input as { type?: unknown }).type)
      }`;
    case "unrecognized_keys":
      return `has the unknown property ${quoted(issue.keys.slice(0, 1))}`;
    default:
      return undefined;
  }
}

function got(value: unknown): string {
  return value === undefined
    ? "but is missing"
    : `got ${shorten(JSON.stringify(value), 60)}`;
}

function quoted(values: readonly unknown[]): string {
  return values.map((value) => `"${value}"`).join(" or ");
}

function whyUnreadable(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return "no such file";
  if (error.code === "EISDIR") return "it is a folder";
  return error.message;
}

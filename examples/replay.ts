/**
 * Writes a conversation to Redis, line by line. This is the process that
 * demo.ts kills, and the one that goes on after it: both are the same, and
 * neither knows of the other. Where to begin is told by Redis alone.
 *
 * Prints what it does as JSON Lines: see {@linkcode ReplayEvent}.
 *
 * @module
 */

import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import {
  ConcurrencyError,
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import {
  type Line,
  type MessageLine,
  readConversation,
} from "./conversation.ts";
import { type Call, openStorage } from "./measured_storage.ts";

/** What the process reports; lines of the file are counted from 0. */
export type ReplayEvent =
  | { readonly event: "begins"; readonly at: number }
  | { readonly event: "sends"; readonly at: number }
  | { readonly event: "stored"; readonly at: number }
  | { readonly event: "calls"; readonly calls: readonly Call[] }
  | { readonly event: "failed"; readonly message: string };

/** Nobody waits longer than this to be killed. */
const STALL_MS = 10_000;

/** Reads back how far an earlier process came, and writes the rest. */
async function replay(
  path: string,
  keyPrefix: string,
  stallAt: number,
): Promise<void> {
  const url = process.env["REDIS_URL"] ?? "redis://localhost:6379";
  const lines = await readConversation(path);
  const { storage, calls } = await openStorage({ url, keyPrefix });
  // The last line that is stored is sent again. It may be the one that was in
  // flight when the other process died, and a repeated line changes nothing.
  const last = await findLastStored(storage, lines);
  tell({ event: "begins", at: Math.max(0, last) });
  let reported = 0;
  for (const [at, line] of lines.entries()) {
    if (at < last) continue;
    const sending = send(storage, line);
    tell({ event: "sends", at });
    if (at === stallAt) await delay(STALL_MS);
    await sending;
    tell({ event: "calls", calls: calls.slice(reported) });
    reported = calls.length;
    tell({ event: "stored", at });
  }
  await storage.close();
}

/** Finds the last line of the file that Redis has; -1 when it has none. */
async function findLastStored(
  storage: RedisAdapter,
  lines: readonly Line[],
): Promise<number> {
  const versions = new Map<string, number>();
  const messageIds = new Set<string>();
  for (const line of lines) {
    if (line.type !== "session") continue;
    const session = await storage.getSession(line.id);
    if (session === null) continue;
    versions.set(session.id, session.version ?? 1);
    const newest = await storage.getMessages(session.id, {
      order: "desc",
      limit: 1,
    });
    for (const { id } of newest) messageIds.add(id);
  }
  return lines.findLastIndex((line) => {
    if (line.type === "message") return messageIds.has(line.id);
    if (line.type === "session") return versions.has(line.id);
    return versions.get(line.session) === line.expectedVersion + 1;
  });
}

/** Writes one line. Each kind can be repeated without doing anything twice. */
async function send(storage: RedisAdapter, line: Line): Promise<void> {
  if (line.type === "message") {
    // An id that the session has already is not added again.
    await storage.addMessage(line.session, signed(line));
  } else if (line.type === "update") {
    const { type: _, session, expectedVersion, ...updates } = line;
    await storage.updateSession(session, updates, { expectedVersion })
      .catch((error) => {
        const isDone = error instanceof ConcurrencyError &&
          error.actualVersion === expectedVersion + 1;
        if (!isDone) throw error;
      });
  } else {
    const { type: _, ...session } = line;
    await storage.createSession({
      status: "active",
      metadata: {},
      participants: [],
      schemaVersion: 1,
      ...session,
    }).catch((error) => {
      const isDone = error instanceof StorageError &&
        error.reason === "already-exists";
      if (!isDone) throw error;
    });
  }
}

/** Returns the message, annotated with the process that sends it. */
function signed({ type: _, session: __, ...message }: MessageLine) {
  const annotations = {
    ...message.metadata?.annotations,
    writerPid: process.pid,
  };
  return { ...message, metadata: { ...message.metadata, annotations } };
}

function tell(event: ReplayEvent): void {
  console.log(JSON.stringify(event));
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      "key-prefix": { type: "string", default: "" },
      "stall-at": { type: "string", default: "-1" },
    },
  });
  try {
    await replay(
      positionals[0] ?? "",
      values["key-prefix"],
      Number(values["stall-at"]),
    );
  } catch (error) {
    tell({ event: "failed", message: (error as Error).message });
    process.exit(1);
  }
}

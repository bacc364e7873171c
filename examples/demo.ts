/**
 * Replays conversations into Redis from a process, kills it halfway with
 * SIGKILL, goes on from another one, and shows what happened.
 *
 * @module
 */

import { relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startRedisServer } from "../tests/support/redis_server.ts";
import { type MessageLine, readConversation } from "./conversation.ts";
import { crashAndGoOn, type Stage } from "./crash.ts";
import { compare, isFaultless, type StoredSession } from "./differences.ts";
import {
  addressOf,
  type MeasuredStorage,
  openStorage,
  type Place,
} from "./measured_storage.ts";
import {
  callsSection,
  type Finding,
  findingsSection,
  keysSection,
  questionsAbout,
  verdict,
} from "./report.ts";
import { findKeys, groupKeys } from "./stored_keys.ts";
import { paint, plural, Progress } from "./terminal.ts";
import { transcript } from "./transcript.ts";

const SAMPLE = fileURLToPath(new URL("travel_desk.jsonl", import.meta.url));

const HELP = `Usage: deno task demo [FILE]

Replays the conversations in FILE, a JSON Lines file, into Redis, kills the
process that does it halfway, and goes on from another one.

FILE is examples/travel_desk.jsonl unless it is given; examples/README.md has
the format. The server is the one in REDIS_URL, else one that is started for
this and stopped in the end. Of a server in REDIS_URL only keys of a prefix of
their own are touched, and removed in the end.`;

/** Tells the whole story; what it opens is closed with the stage. */
async function demonstrate(path: string, stage: Stage): Promise<void> {
  const { cleanup } = stage;
  const lines = await readConversation(path);
  const place = await choosePlace(stage);
  const { storage, client, calls } = await openStorage(place);
  const sessionIds = lines.flatMap((line) =>
    line.type === "session" ? line.id : []
  );
  const removeAll = async () => {
    for (const id of sessionIds) await storage.deleteSession(id);
  };
  cleanup.defer(() => storage.close());
  cleanup.defer(removeAll);
  const messageCount = lines.filter(({ type }) => type === "message").length;
  print([
    paint("bold", "\nConversations that outlive their process"),
    `  ${path}: ${plural(sessionIds.length, "session")}, ${
      plural(messageCount, "message")
    }`,
    `  ${await nameOf(client)} at ${
      addressOf(place.url)
    }, keys ${place.keyPrefix}*`,
    "",
  ]);

  const runs = await crashAndGoOn(path, lines, place, stage);
  const stored = await readBack(storage, sessionIds);
  for (const each of stored) print(transcript(each, lines, runs));

  const findings: Finding[] = [];
  for (const filters of questionsAbout(lines)) {
    findings.push({ filters, sessions: await storage.listSessions(filters) });
  }
  if (findings.length > 0) print(findingsSection(findings));

  // The kill comes at a message.
  const inFlight = lines[runs[0].sentAt] as MessageLine;
  const key = `${place.keyPrefix}message:${inFlight.id}`;
  print(keysSection(await groupKeys(client, place.keyPrefix), {
    key,
    fields: await client.hGetAll(key),
  }));

  await removeAll();
  const left = await findKeys(client, place.keyPrefix);
  const comparison = compare(lines, stored);
  print(callsSection([...runs[0].calls, ...runs[1].calls, ...calls]));
  const result = verdict(messageCount, comparison);
  if (!isFaultless(comparison) || left.length > 0) {
    throw new Error(`${path}: ${result}; ${left.length} keys left behind`);
  }
  print([
    "",
    `${paint("green", "✔")} ${paint("bold", result)}`,
    `${paint("green", "✔")} Sessions deleted, no key left`,
  ]);
}

/** Takes the server in REDIS_URL, or starts one; with keys of its own on either. */
async function choosePlace({ cleanup, progress }: Stage): Promise<Place> {
  const keyPrefix = `demo:${Date.now()}:`;
  const { REDIS_URL } = process.env;
  if (REDIS_URL) return { url: REDIS_URL, keyPrefix };
  progress.start("Starting a Redis server");
  const { url } = cleanup.use(await startRedisServer());
  progress[Symbol.dispose]();
  return { url, keyPrefix };
}

async function readBack(
  storage: MeasuredStorage["storage"],
  sessionIds: readonly string[],
): Promise<StoredSession[]> {
  const stored: StoredSession[] = [];
  for (const id of sessionIds) {
    const session = await storage.getSession(id);
    if (session === null) throw new Error(`Session "${id}" is not in Redis`);
    stored.push({ session, messages: await storage.getMessages(id) });
  }
  return stored;
}

/** Returns which server this is, and its version. */
async function nameOf(client: MeasuredStorage["client"]): Promise<string> {
  const info = await client.info("server");
  const versions = new Map(
    [...info.matchAll(/^(\w+)_version:(\S+)/gm)].map((
      [, name, version],
    ) => [name, version]),
  );
  const valkey = versions.get("valkey");
  return valkey ? `Valkey ${valkey}` : `Redis ${versions.get("redis")}`;
}

/** Rejects when somebody wants this to end. */
function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => reject(new Error(`Ended by ${signal}`)));
    }
  });
}

/** Returns what went wrong first: the clean-up of a server that is gone fails too. */
function firstOf(error: unknown): Error {
  return error instanceof SuppressedError
    ? firstOf(error.suppressed)
    : error as Error;
}

function print(lines: readonly string[]): void {
  console.log(lines.join("\n"));
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    // The first sentence: the others tell of ways around it.
    const why = (error as Error).message.split(". ")[0];
    throw new Error(`${why}: see deno task demo --help`);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  if (values.help) return print([HELP]);
  if (positionals.length > 1) {
    throw new Error(
      `Cannot replay more than one file: ${positionals.join(" ")}`,
    );
  }
  const path = positionals[0] ?? relative(process.cwd(), SAMPLE);
  await using cleanup = new AsyncDisposableStack();
  const progress = cleanup.use(new Progress());
  await Promise.race([
    demonstrate(path, { cleanup, progress }),
    interruption(),
  ]);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(firstOf(error).message);
  process.exit(1);
}

/**
 * Runs the demonstration as a user would, on a real server.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { afterAll, describe, it } from "@std/testing/bdd";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type {
  Message,
  Session,
} from "@reaatech/session-continuity-storage-redis";
import { createClient } from "redis";
import type {
  Line,
  MessageLine,
  SessionLine,
} from "../../examples/conversation.ts";
import { compare } from "../../examples/differences.ts";
import { answersPing, freePort } from "../support/ports.ts";
import { sharedRedisUrl } from "../support/shared_redis.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const sample = join(root, "examples", "travel_desk.jsonl");
const folder = await mkdtemp(join(tmpdir(), "demo-"));

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the demonstration, on a server of its own unless there is a URL. */
async function demo(
  args: readonly string[],
  url?: string,
  onOutput: (stdout: string, pid: number) => void = () => {},
): Promise<Outcome> {
  const { REDIS_URL: _, FORCE_COLOR: __, ...env } = process.env;
  const child = spawn(
    process.execPath,
    ["run", "--quiet", "-A", "examples/demo.ts", ...args],
    {
      cwd: root,
      env: url === undefined ? env : { ...env, REDIS_URL: url },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const outcome = { code: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    outcome.stdout += text;
    onOutput(outcome.stdout, child.pid ?? 0);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    outcome.stderr += text;
  });
  const [code] = await once(child, "close");
  return { ...outcome, code };
}

async function readSample(): Promise<Line[]> {
  const text = await readFile(sample, "utf8");
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

/** Returns the rows below a heading. */
function section(stdout: string, heading: string): string[] {
  const [, below = ""] = stdout.split(`── ${heading} ─`);
  return (below.split("\n── ")[0] ?? "").split("\n").slice(1);
}

/** Returns the rows of messages of a transcript: number, speaker, text. */
function messageRows(stdout: string, title: string): string[][] {
  return section(stdout, title)
    .map((row) => /^ +(\d+) {2}(.{10}) {2}(.*)$/.exec(row))
    .filter((match) => match !== null)
    .map(([, number, speaker, text]) => [number!, speaker!.trim(), text!]);
}

/** Returns what a transcript shows of a message, as far as it is never cut. */
function expectedRow(message: MessageLine, i: number, user: string): string[] {
  const { role, content, metadata } = message;
  const agent = metadata?.annotations?.["agent"];
  const speaker = role === "user" ? user : String(agent ?? role);
  const [call] = metadata?.toolCalls ?? [];
  const [result] = metadata?.toolResults ?? [];
  const [part] = typeof content === "string" ? [] : content;
  const text = part?.type === "text"
    ? part.text
    : content || (call
      ? `→ ${call.name} ${call.arguments}`
      : `${result?.isError ? "✗" : "←"} ${result?.result}`);
  return [`${i + 1}`, speaker, `${text}`.slice(0, 12)];
}

function isSession(line: Line): line is SessionLine {
  return line.type === "session";
}

/** Returns the keys that are there of the prefix that the run had. */
async function keysLeft(url: string, stdout: string): Promise<string[]> {
  const [, pattern] = /keys (demo:\d+:\*)/.exec(stdout)!;
  const client = createClient({ url });
  await client.connect();
  try {
    return await client.keys(pattern!);
  } finally {
    await client.close();
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("deno task demo", () => {
  afterAll(() => rm(folder, { recursive: true }));

  let outcome: Promise<Outcome> | undefined;
  /** The run that several tests look at. */
  const run = () => outcome ??= sharedRedisUrl().then((url) => demo([], url));

  it("goes on after a SIGKILL, and loses, doubles and swaps nothing", async () => {
    const url = await sharedRedisUrl();
    const lines = await readSample();
    const { code, stdout, stderr } = await run();
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    // deno-lint-ignore no-control-regex
    assert(!/\x1b/.test(stdout));

    const [, killed, stored, inFlight] =
      /Process (\d+) stored (\d+) of 57 lines; killed by SIGKILL with line (\d+) in flight/
        .exec(stdout)!.map(Number);
    assertEquals(inFlight, stored! + 1);
    assert(Math.abs(stored! - lines.length / 2) <= 2);
    const [, second] = /Process (\d+) found in Redis that/.exec(stdout)!
      .map(Number);
    assert(killed !== second);
    assert(!isAlive(killed!) && !isAlive(second!));

    let count = 0;
    for (const session of lines.filter(isSession)) {
      const messages = lines.filter((line): line is MessageLine =>
        line.type === "message" && line.session === session.id
      );
      const rows = messageRows(stdout, session.metadata?.title ?? "");
      assertEquals(
        rows.map(([number, speaker, text]) => [
          number,
          speaker,
          text!.slice(0, 12),
        ]),
        messages.map((message, i) =>
          expectedRow(message, i, session.userId ?? "")
        ),
      );
      count += rows.length;
    }
    assert(count >= 40);
    assertMatch(
      stdout,
      new RegExp(
        `✔ ${count} messages written, 0 lost, 0 doubled, 0 out of order, 0 changed`,
      ),
    );
    assertEquals(await keysLeft(url, stdout), []);
  });

  it("counts the round trips of each call", async () => {
    // After one run the server knows all scripts.
    await run();
    const { stdout } = await demo([], await sharedRedisUrl());
    const rows = section(stdout, "What each call took")
      .map((row) => /^ {2}(\w+) +(\d+) +(\d+) +\d/.exec(row))
      .filter((match) => match !== null)
      .map(([, method, calls, trips]) => ({ method, calls, trips }));
    const methods = rows.map(({ method }) => method).sort();
    assertEquals(methods, [
      "addMessage",
      "createSession",
      "deleteSession",
      "getMessages",
      "getSession",
      "listSessions",
      "updateSession",
    ]);
    for (const { calls, trips } of rows) assertEquals(trips, calls);
  });

  it("finds the sessions again by user, tag, agent and status", async () => {
    const { stdout } = await run();
    const found = section(stdout, "Found again by user, tag, agent and status");
    const wanted = [
      ['{userId: "ada"}', 1, "ada-lyon"],
      ['{tags: ["travel"]}', 2, "ada-lyon, grace-oslo"],
      ['{tags: ["refund"]}', 1, "grace-oslo"],
      ['{activeAgentId: "concierge"}', 0, "-"],
      ['{activeAgentId: "hotels"}', 1, "ada-lyon"],
      ['{status: "completed"}', 1, "ada-lyon"],
    ];
    for (const [filters, count, ids] of wanted) {
      const row = found.find((row) =>
        row.includes(`listSessions(${filters}) `)
      );
      assertEquals(row?.split(")")[1]?.trim().split(/ {2,}/), [
        `${count}`,
        ids,
      ]);
    }
  });

  it("starts a server of its own and stops it", async () => {
    const { code, stdout } = await demo([]);
    assertEquals(code, 0);
    const [, port] = / at 127\.0\.0\.1:(\d+), keys/.exec(stdout)!;
    assert(!await answersPing(Number(port)));
  });

  const moments = {
    "while the first process stores": /Process \d+ stores/,
    "when the first process is killed": /killed by SIGKILL/,
  };
  for (const [moment, sign] of Object.entries(moments)) {
    it(`leaves nothing behind when it is ended ${moment}`, async () => {
      const url = await sharedRedisUrl();
      let isSent = false;
      const { code, stdout, stderr } = await demo([], url, (stdout, pid) => {
        if (isSent || !sign.test(stdout)) return;
        isSent = true;
        process.kill(pid, "SIGTERM");
      });
      assertEquals({ code, stderr }, { code: 1, stderr: "Ended by SIGTERM\n" });
      for (const [, pid] of stdout.matchAll(/Process (\d+)/g)) {
        assert(!isAlive(Number(pid)));
      }
      assertEquals(await keysLeft(url, stdout), []);
    });
  }

  const session = '{"type":"session","id":"s"}';
  const message =
    '{"type":"message","session":"s","id":"1","role":"user","content":"x"}';
  const broken: Record<string, [lines: string[], message: string]> = {
    "text that is no JSON": [[session, message, '{"type":'], ":3: is no JSON"],
    "an unknown role": [
      [session, message.replace('"user"', '"robot"')],
      ':2: role must be "user" or "assistant" or "system" or "tool", got "robot"',
    ],
    "an unknown kind of line": [
      [session, '{"type":"note"}'],
      ":2: type must be",
    ],
    "an unknown property": [
      [session, message.replace("content", "text")],
      ":2: content must be",
    ],
    "a missing content": [
      [session, message.replace(/,"content".*/, "}")],
      ":2: content must be text",
    ],
    "a session that has not begun": [
      [message],
      ':1: session "s" has not begun',
    ],
    "a message that was there before": [
      [session, message, message],
      ':3: message "1" was there before',
    ],
    "a file without a message": [[session], ": has no message"],
    "an empty file": [[], ": is empty"],
  };
  for (const [name, [lines, expected]] of Object.entries(broken)) {
    it(`refuses ${name}, naming the place`, async () => {
      const path = join(folder, "broken.jsonl");
      await writeFile(path, lines.join("\n"));
      const { code, stdout, stderr } = await demo(
        [path],
        "redis://127.0.0.1:1",
      );
      assertEquals({ code, stdout }, { code: 1, stdout: "" });
      assert(stderr.startsWith(`${path}${expected}`), stderr);
      assertMatch(stderr, /^.+\n$/);
    });
  }

  const unusable: Record<string, [args: string[], message: RegExp]> = {
    "a missing file": [
      ["none.jsonl"],
      /^Cannot read "none.jsonl": no such file$/,
    ],
    "a folder": [["examples"], /^Cannot read "examples": it is a folder$/],
    "an empty name": [[""], /^Cannot read "": no such file$/],
    "two files": [["a", "b"], /^Cannot replay more than one file: a b$/],
    "an unknown option": [
      ["--fast"],
      /^Unknown option '--fast': see deno task demo --help$/,
    ],
  };
  for (const [name, [args, expected]] of Object.entries(unusable)) {
    it(`refuses ${name}`, async () => {
      const { code, stdout, stderr } = await demo(args, "redis://127.0.0.1:1");
      assertEquals({ code, stdout }, { code: 1, stdout: "" });
      assertMatch(stderr, /^.+\n$/);
      assertMatch(stderr.trim(), expected);
    });
  }

  for (const url of ["localhost:6379", "https://localhost", "redis://", "x"]) {
    it(`refuses the REDIS_URL ${url}`, async () => {
      const { code, stderr } = await demo([], url);
      assertEquals({ code, stderr }, {
        code: 1,
        stderr: "Cannot use REDIS_URL: must be like redis://localhost:6379\n",
      });
    });
  }

  it("says that a server cannot be reached", async () => {
    const port = await freePort();
    const { code, stderr } = await demo(
      [],
      `redis://:secret@127.0.0.1:${port}`,
    );
    assertEquals(code, 1);
    assertMatch(
      stderr,
      new RegExp(
        `^Cannot reach Redis at 127.0.0.1:${port}: connect ECONNREFUSED.*\n$`,
      ),
    );
    assert(!stderr.includes("secret"));
  });

  it("gives up on a server that never answers", async () => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await demo([], `redis://127.0.0.1:${port}`);
    server.close();
    assertEquals(
      { code, stderr },
      {
        code: 1,
        stderr: `Cannot reach Redis at 127.0.0.1:${port}: no answer\n`,
      },
    );
  });

  it("explains itself", async () => {
    const { code, stdout } = await demo(["--help"]);
    assertEquals(code, 0);
    assertMatch(stdout, /^Usage: deno task demo \[FILE\]/);
  });
});

describe("compare()", () => {
  const lines: Line[] = [
    { type: "session", id: "s" },
    ...["a", "b", "c"].map((id): Line => ({
      type: "message",
      session: "s",
      id,
      role: "user",
      content: id,
    })),
  ];
  const createdAt = new Date();
  const session: Session = {
    id: "s",
    status: "active",
    metadata: {},
    participants: [],
    schemaVersion: 1,
    version: 1,
    createdAt,
    lastActivityAt: createdAt,
  };
  const stored = (ids: string, change: Partial<Session> = {}) => {
    const messages = [...ids].map((id, i): Message => ({
      id: id.toLowerCase(),
      sessionId: "s",
      role: "user",
      content: id,
      sequence: i + 1,
      metadata: { annotations: { writerPid: 1 } },
      createdAt,
    }));
    return compare(lines, [{ session: { ...session, ...change }, messages }]);
  };
  const none = { lost: 0, doubled: 0, misplaced: 0, changed: 0 };

  it("finds nothing where nothing differs", () => {
    assertEquals(stored("abc"), none);
  });

  it("counts what is lost, doubled, out of order and changed", () => {
    assertEquals(stored("ab"), { ...none, lost: 1 });
    assertEquals(stored("abcc"), { ...none, doubled: 1 });
    assertEquals(stored("abcd"), { ...none, doubled: 1 });
    assertEquals(stored("acb"), { ...none, misplaced: 2 });
    assertEquals(stored("abC"), { ...none, changed: 1 });
    assertEquals(stored("abc", { version: 2 }), { ...none, changed: 1 });
  });
});

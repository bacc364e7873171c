/**
 * Kills the process that replays a conversation, and starts another one.
 *
 * @module
 */

import { resolve } from "node:path";
import type { Line } from "./conversation.ts";
import type { Place } from "./measured_storage.ts";
import { ReplayProcess, type ReplayRun } from "./replay_process.ts";
import { paint, type Progress } from "./terminal.ts";

/** Both processes: the one that was killed, and the one that went on. */
export type Runs = readonly [killed: ReplayRun, second: ReplayRun];

/** Where the story plays. */
export interface Stage {
  readonly progress: Progress;
  /** Closes all that is open when the story ends, or is broken off. */
  readonly cleanup: AsyncDisposableStack;
}

/** Replays from one process, kills it halfway, and goes on from another one. */
export async function crashAndGoOn(
  path: string,
  lines: readonly Line[],
  place: Place,
  { progress, cleanup }: Stage,
): Promise<Runs> {
  const run = async (options: { killAt?: number }) => {
    // The story can be broken off between the two processes.
    if (cleanup.disposed) throw new Error("No process starts any more");
    progress.start("A process starts");
    const child = cleanup.use(
      new ReplayProcess({
        ...place,
        ...options,
        path: resolve(path),
        onStored: ({ pid, storedAt }) =>
          progress.update(`Process ${pid} stores`, storedAt + 1, lines.length),
      }),
    );
    return await child.follow();
  };

  const killAt = killPoint(lines);
  const killed = await run({ killAt });
  if (killed.signal !== "SIGKILL" || killed.sentAt !== killAt) {
    throw new Error(`Process ${killed.pid} ended before it was to be killed`);
  }
  progress.finish(
    `${paint("red", "✖")} Process ${killed.pid} stored ${
      killed.storedAt + 1
    } of ${lines.length} lines; killed by SIGKILL with line ${
      killAt + 1
    } in flight`,
  );
  const second = await run({});
  const arrived = second.begunAt === killAt ? "had" : "had not";
  progress.finish(
    `${paint("green", "✔")} Process ${second.pid} found in Redis that line ${
      killAt + 1
    } ${arrived} arrived, sent line ${second.begunAt + 1} again, then the rest`,
  );
  return [killed, second];
}

/** Returns the message in the middle: it is in flight when the process is killed. */
function killPoint(lines: readonly Line[]): number {
  const half = Math.floor(lines.length / 2);
  const next = lines.findIndex(({ type }, at) =>
    at >= half && type === "message"
  );
  return next >= 0
    ? next
    : lines.findLastIndex(({ type }) => type === "message");
}

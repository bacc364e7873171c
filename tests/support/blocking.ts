/**
 * Measures for how long single commands keep a server from serving others.
 *
 * @module
 */

import type { TestClient } from "./test_bed.ts";

/** What is looked for, in microseconds: no command may take as long. */
export const LONGEST_US = 5000;
/** What the server logs, in microseconds. */
const LOGGED_US = 1000;
/** Times that an action is tried: another process can have taken the server's CPU. */
const ATTEMPTS = 60;

/** The commands that clients send; those inside of scripts are part of them. */
const SENT = /^(?:EVAL|EVALSHA|SORT_RO)$/i;

/**
 * Returns how many microseconds the longest command of an action took, by
 * SLOWLOG of a server of one's own; 0 where none took a millisecond. The action
 * is tried again until it is below {@linkcode LONGEST_US}, a few times: a
 * command that takes longer by itself does so each time.
 */
export async function longestCommand(
  redis: TestClient,
  action: () => Promise<unknown>,
): Promise<number> {
  await redis.configSet("slowlog-log-slower-than", String(LOGGED_US));
  await redis.configSet("slowlog-max-len", "1000");
  let least = Infinity;
  for (let i = 0; i < ATTEMPTS && least >= LONGEST_US; i++) {
    await redis.sendCommand(["SLOWLOG", "RESET"]);
    await action();
    // Each entry is an id, a time, the microseconds, the words, and more.
    const log = await redis.sendCommand(["SLOWLOG", "GET", "1000"]) as [
      number,
      number,
      number,
      string[],
    ][];
    const durations = log.filter(([, , , [name]]) => SENT.test(name ?? ""))
      .map(([, , duration]) => duration);
    least = Math.min(least, Math.max(0, ...durations));
  }
  return least;
}

/**
 * Returns how many microseconds a script took on average, over all scripts of an
 * action: where they are many, some of them wait for the CPU each time. It is
 * tried again as {@linkcode longestCommand} does.
 */
export async function averageScript(
  redis: TestClient,
  action: () => Promise<unknown>,
): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < ATTEMPTS && least >= LONGEST_US; i++) {
    await redis.configResetStat();
    await action();
    const stats = await redis.info("commandstats");
    const [, microseconds] =
      /^cmdstat_evalsha:.*usec_per_call=([\d.]+)/m.exec(stats) ?? [];
    if (microseconds === undefined) throw new Error("Cannot find any script");
    least = Math.min(least, Number(microseconds));
  }
  return least;
}

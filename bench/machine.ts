/**
 * On what a run was made.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import process from "node:process";

/** The facts that a table is worth nothing without. */
export interface Machine {
  readonly date: string;
  readonly runtime: string;
  readonly server: string;
  readonly cpus: number;
}

/** Asks the runtime and the server. */
export async function describeMachine(
  client: { info(section: string): Promise<string> },
): Promise<Machine> {
  const { deno, bun, node } = process.versions;
  const info = await client.info("server");
  const valkey = /^valkey_version:(.+?)\r?$/m.exec(info)?.[1];
  const redis = /^redis_version:(.+?)\r?$/m.exec(info)?.[1] ?? "unknown";
  return {
    date: new Date().toISOString().slice(0, 10),
    runtime: deno ? `Deno ${deno}` : bun ? `Bun ${bun}` : `Node ${node}`,
    server: valkey ? `Valkey ${valkey}` : `Redis ${redis}`,
    cpus: availableParallelism(),
  };
}

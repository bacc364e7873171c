/**
 * The access rules that the documentation gives, as it gives them.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { ask } from "./redis_cli.ts";
import type { RedisServer } from "./redis_server.ts";

/** The user that the documentation makes, with another password. */
export const USER = { username: "conversations", password: "x" } as const;

/** What docs/operations.md lets users do: on a server, on a cluster's nodes too, on sentinels. */
export interface AccessLines {
  readonly server: readonly string[];
  readonly cluster: readonly string[];
  readonly sentinel: readonly string[];
}

/** Reads what follows the user's name in each `ACL SETUSER`, but the password. */
export async function readAccessLines(): Promise<AccessLines> {
  const path = new URL("../../docs/operations.md", import.meta.url);
  const text = (await readFile(path, "utf8")).replaceAll("\\\n", "");
  const lines = Array.from(
    text.matchAll(/^redis-cli.* ACL SETUSER conversations (.*)$/gm),
    ([, rules]) => wordsOf(rules!).filter((word) => !word.startsWith(">")),
  );
  const [server, cluster, sentinel, ...others] = lines;
  if (!server || !cluster || !sentinel || others.length > 0) {
    throw new Error(`Cannot read ${path}: it has ${lines.length} lines`);
  }
  return { server, cluster, sentinel };
}

/** Splits a command as a shell does. */
function wordsOf(command: string): string[] {
  return Array.from(
    command.matchAll(/'([^']*)'|(\S+)/g),
    ([, quoted, plain]) => quoted ?? plain!,
  );
}

/** Returns rules whose key patterns begin with a prefix. */
export function withPrefix(rules: readonly string[], prefix: string): string[] {
  return rules.map((rule) => rule.replace(/^~/, `~${prefix}`));
}

/** Returns a rule that gives something, as commands, keys and channels do. */
export const gives = (rule: string): boolean => /^[+~%&]/.test(rule);

/** Gives the user these rules, and no others. */
export async function setRules(
  servers: readonly RedisServer[],
  rules: readonly string[],
): Promise<void> {
  const { username, password } = USER;
  const command = ["ACL", "SETUSER", username, "reset", "on", `>${password}`];
  for (const each of servers) {
    await ask(
      each,
      [...command, ...rules.filter(gives)],
      ["ACL", "LOG", "RESET"],
    );
  }
}

/** Returns what the servers refused since then. */
export async function refusals(
  servers: readonly RedisServer[],
): Promise<number> {
  let count = 0;
  for (const each of servers) {
    const [log] = await ask(each, ["ACL", "LOG"]);
    count += (log as unknown[]).length;
  }
  return count;
}

/**
 * Finds the Redis server that the tests start, and redis-cli.
 *
 * In this order: the container image in REDIS_IMAGE; the program in
 * REDIS_BINARY; redis-server or valkey-server on the PATH; on Debian and
 * Ubuntu, packages that are downloaded and unpacked into a cache folder.
 *
 * @module
 */

import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { libraryFolders, unpackDebianRedis } from "./debian_redis.ts";

/** A program with its first arguments. */
export interface Command {
  /** The path or the name of the program. */
  readonly file: string;
  /** The arguments that come before one's own. */
  readonly args: readonly string[];
  /** Environment variables that it needs besides the inherited ones. */
  readonly env: Readonly<Record<string, string>>;
}

/** The programs of one installation of Redis. */
export interface RedisPrograms {
  /** The container image that both run in; absent when they run as they are. */
  readonly image?: string;
  /** The command line client, which also creates clusters. */
  readonly cli: Command;
  /**
   * Returns the server's command.
   *
   * @param name what a container is to be called
   * @param folder the folder that the server writes to
   */
  server(name: string, folder: string): Command;
}

const MISSING =
  "Cannot find a Redis server: install redis-server or valkey-server, or " +
  'set REDIS_IMAGE to a container image such as "redis:8"';

let programs: Promise<RedisPrograms> | undefined;

/**
 * Finds the programs, once per process.
 *
 * @throws {Error} when there are none, saying what to install
 */
export function findRedisPrograms(): Promise<RedisPrograms> {
  return programs ??= find();
}

async function find(): Promise<RedisPrograms> {
  const { REDIS_IMAGE, REDIS_BINARY } = process.env;
  if (REDIS_IMAGE) return containerPrograms(REDIS_IMAGE);
  if (REDIS_BINARY) return installedPrograms(REDIS_BINARY);
  const installed = onPath("redis-server") ?? onPath("valkey-server");
  if (installed !== undefined) return installedPrograms(installed);
  if (onPath("apt-get") === undefined) throw new Error(MISSING);
  try {
    return await unpackedPrograms();
  } catch (cause) {
    throw new Error(MISSING, { cause });
  }
}

function containerPrograms(image: string): RedisPrograms {
  const run = (...args: string[]) => ({
    file: "docker",
    args: ["run", "--rm", "--network", "host", ...args, image],
    env: {},
  });
  // Not by way of the image's own entry point: that would change the user.
  const user = `${process.getuid?.()}:${process.getgid?.()}`;
  return {
    image,
    cli: run("--entrypoint", "redis-cli"),
    server: (name, folder) =>
      run(
        ...["--entrypoint", "redis-server", "--name", name],
        ...["--user", user, "--volume", `${folder}:${folder}`],
      ),
  };
}

function installedPrograms(
  server: string,
  env: Record<string, string> = {},
): RedisPrograms {
  const cli = server.replace(/-server$/, "-cli");
  return {
    cli: { file: cli, args: [], env },
    server: () => ({ file: server, args: [], env }),
  };
}

async function unpackedPrograms(): Promise<RedisPrograms> {
  const folder = join(cacheFolder(), "redis-tools");
  if (!existsSync(folder)) {
    console.error(`Unpacking a Redis server into ${folder}`);
    await unpackDebianRedis(folder);
  }
  const libraries = await libraryFolders(folder);
  return installedPrograms(join(folder, "usr/bin/redis-server"), {
    LD_LIBRARY_PATH: libraries.join(delimiter),
  });
}

/** Returns `.cache` of the project, or a private folder if that is read-only. */
function cacheFolder(): string {
  const project = projectFolder();
  if (project !== undefined && isWritable(project)) {
    return join(project, ".cache");
  }
  const uid = process.getuid?.();
  const folder = join(tmpdir(), `session-continuity-storage-redis-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (lstatSync(folder).uid !== uid) {
    throw new Error(`Cannot use "${folder}": it belongs to another user`);
  }
  return folder;
}

/**
 * Returns the folder at or above the working directory that holds deno.json:
 * bundled tests are not in the project, but are run from it.
 */
function projectFolder(folder = process.cwd()): string | undefined {
  if (existsSync(join(folder, "deno.json"))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : projectFolder(parent);
}

function onPath(name: string): string | undefined {
  return process.env["PATH"]?.split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => isAllowed(file, constants.X_OK));
}

function isWritable(folder: string): boolean {
  return isAllowed(folder, constants.W_OK);
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

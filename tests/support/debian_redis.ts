/**
 * Gets a Redis server on Debian and Ubuntu without being root: downloads the
 * package redis-tools and what it needs, and unpacks them into a folder.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { mkdir, readdir, rename, rm, symlink } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Downloads and unpacks a Redis server and redis-cli into `usr/bin` of a
 * folder that is not there yet. Safe to call in many processes at once.
 *
 * @param folder where the packages are unpacked to
 * @throws {Error} when apt-get cannot download the packages
 */
export async function unpackDebianRedis(folder: string): Promise<void> {
  const scratch = `${folder}.${crypto.randomUUID()}`;
  try {
    await mkdir(scratch, { recursive: true });
    await download(scratch);
    const root = join(scratch, "root");
    for (const file of await readdir(scratch)) {
      if (file.endsWith(".deb")) {
        await run("dpkg-deb", ["-x", join(scratch, file), root]);
      }
    }
    // The checker is the server under another name.
    await symlink("redis-check-rdb", join(root, "usr/bin/redis-server"));
    await rename(root, folder);
  } catch (error) {
    // Renaming fails when another process was faster: then all is there.
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Returns the folders in which unpacked packages keep their libraries. */
export async function libraryFolders(folder: string): Promise<string[]> {
  const libraries = join(folder, "usr/lib");
  const entries = await readdir(libraries, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory());
  return [libraries, ...folders.map(({ name }) => join(libraries, name))];
}

/** Downloads the packages, with package lists of its own if the machine's fail. */
async function download(scratch: string): Promise<void> {
  try {
    await downloadWith([], scratch);
  } catch {
    // There are no lists, as in a fresh container, or they are out of date.
    const options = [
      `Dir::State::lists=${join(scratch, "lists")}`,
      `Dir::Cache=${join(scratch, "cache")}`,
      "APT::Sandbox::User=root",
    ].flatMap((option) => ["-o", option]);
    await mkdir(join(scratch, "lists"));
    await mkdir(join(scratch, "cache"));
    await run("apt-get", [...options, "-qq", "update"]);
    await downloadWith(options, scratch);
  }
}

async function downloadWith(options: string[], scratch: string): Promise<void> {
  const names = await missingPackages(options);
  await run("apt-get", [...options, "-qq", "download", ...names], {
    cwd: scratch,
  });
}

/** Lists redis-tools and those of its dependencies that are not installed. */
async function missingPackages(options: string[]): Promise<string[]> {
  const depends = await run("apt-cache", [
    ...options,
    "depends",
    "--recurse",
    "--no-recommends",
    "--no-suggests",
    "--no-conflicts",
    "--no-breaks",
    "--no-replaces",
    "--no-enhances",
    "redis-tools",
  ]);
  const installed = await run("dpkg-query", ["-W", "-f", "${Package}\n"]);
  const missing = new Set(["redis-tools"]);
  for (
    const [, name] of depends.stdout.matchAll(/^ {2}Depends: ([^<\s]+)$/gm)
  ) {
    missing.add(name!);
  }
  for (const name of installed.stdout.split("\n")) missing.delete(name);
  return [...missing.add("redis-tools")];
}

/**
 * All defects that the tests have to catch.
 *
 * @module
 */

import { APPENDS } from "./appends.ts";
import { CACHE } from "./cache.ts";
import { CLUSTERS } from "./clusters.ts";
import { CODECS } from "./codecs.ts";
import { LARGE_APPENDS } from "./large_appends.ts";
import { LISTS } from "./lists.ts";
import { MESSAGES } from "./messages.ts";
import type { MutatedFile } from "./mutant.ts";
import { PRELUDES } from "./preludes.ts";
import { SESSIONS } from "./sessions.ts";
import { STAGED_APPENDS } from "./staged_appends.ts";

/** The files that defects are seeded into. */
export const MUTATED_FILES: readonly MutatedFile[] = [
  ...PRELUDES,
  ...SESSIONS,
  ...APPENDS,
  ...LARGE_APPENDS,
  ...STAGED_APPENDS,
  ...MESSAGES,
  ...LISTS,
  ...CODECS,
  ...CLUSTERS,
  ...CACHE,
];

/**
 * What is measured for every contender: one row of the tables for each call.
 *
 * @module
 */

import { messageRows } from "./message_rows.ts";
import { sessionRows } from "./session_rows.ts";
import { turnRows } from "./turn_rows.ts";
import type { Row } from "./work.ts";

/** The rows of the tables, in their order. */
export const rows: readonly Row[] = [
  ...sessionRows,
  ...messageRows,
  ...turnRows,
];

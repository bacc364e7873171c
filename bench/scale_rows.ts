/**
 * What is measured at each number of sessions.
 *
 * @module
 */

import type {
  Session,
  SessionFilters,
} from "@reaatech/session-continuity-storage-redis";
import { RARE } from "../tests/support/many_sessions.ts";
import { newMessage } from "../tests/support/records.ts";
import { scanExpired, scanSessions } from "./scale_scan.ts";
import type { ScaleServer } from "./scale_server.ts";

const PAGE = 50;

/** A call on one server. */
export interface ScaleCall {
  readonly measure: () => Promise<readonly unknown[]>;
  /** Finds the same by a scan of all keys; absent where no scan is needed. */
  readonly scan?: () => Promise<readonly unknown[]>;
}

/** A row of the table. */
export interface ScaleRow {
  readonly name: string;
  /** Whether its duration counts for each session looked at. */
  readonly isPerLook: boolean;
  /** How many times as long it may take with 100 times as many. */
  readonly most: number;
  /** Whether all columns are of one server, the one with the most sessions. */
  readonly isOfOneServer?: boolean;
  open(server: ScaleServer, column: number): ScaleCall;
}

/** Returns the rows, in their order. */
export function scaleRows(): ScaleRow[] {
  const page = (
    name: string,
    filtersOf: (sessions: readonly Session[]) => SessionFilters,
    isPerLook = false,
  ): ScaleRow => ({
    name,
    isPerLook,
    most: 1.3,
    open({ client, storage, sessions }) {
      const filters = { ...filtersOf(sessions), limit: PAGE };
      const check = checked(name, Math.min(PAGE, sessions.length / 100));
      return {
        measure: () => check(storage.listSessions(filters)),
        scan: () => check(scanSessions(client, filters)),
      };
    },
  });
  return [
    page("oldest 50", () => ({})),
    page("newest 50", () => ({ order: "desc" })),
    page("latest active 50", () => ({
      order: "desc",
      sortBy: "lastActivityAt",
    })),
    page("50 of a created range", (sessions) => {
      const at = (share: number) =>
        sessions[Math.floor(sessions.length * share)]!.createdAt;
      return { createdAfter: at(0.4), createdBefore: at(0.6) };
    }),
    page("50 of a user with 100", () => ({ userId: "user3" })),
    page("50 of a status of 1 %", () => RARE.status, true),
    page("50 of an agent of 1 %", () => RARE.agent, true),
    page("50 of tags of 1 %", () => ({ tags: [...RARE.tags.tags] }), true),
    {
      name: "getExpiredSessions, 100 due",
      isPerLook: false,
      most: 1.3,
      open({ client, storage }) {
        const check = checked("getExpiredSessions", 100);
        const before = new Date();
        return {
          measure: () => check(storage.getExpiredSessions(before)),
          scan: () => check(scanExpired(client, before)),
        };
      },
    },
    {
      name: "append to 10; 1,000; 100,000 messages",
      isPerLook: false,
      most: 1.2,
      isOfOneServer: true,
      open({ storage, longSessionIds }, column) {
        const id = longSessionIds[column] as string;
        return {
          async measure() {
            return [await storage.addMessage(id, newMessage("Hello"))];
          },
        };
      },
    },
  ];
}

/** Returns a check that a call found so many at least. */
function checked(name: string, least: number) {
  return async <T>(found: Promise<readonly T[]>): Promise<readonly T[]> => {
    const { length } = await found;
    if (length >= least) return found;
    throw new Error(`Cannot measure ${name}: ${length} instead of ${least}`);
  };
}

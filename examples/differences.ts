/**
 * Compares what Redis has with the file, message by message.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import type {
  Message,
  Session,
} from "@reaatech/session-continuity-storage-redis";
import type { Line, MessageLine } from "./conversation.ts";

/** A session and its messages, as Redis has them. */
export interface StoredSession {
  readonly session: Session;
  readonly messages: readonly Message[];
}

/** How what is stored compares with the file. */
export interface Comparison {
  /** Messages of the file that Redis does not have. */
  readonly lost: number;
  /** Messages that Redis has more than once, or that are not in the file. */
  readonly doubled: number;
  /** Messages that do not stand where the file has them. */
  readonly misplaced: number;
  /** Messages and sessions whose content is another one. */
  readonly changed: number;
}

/** Compares each session with the lines of the file that it came from. */
export function compare(
  lines: readonly Line[],
  stored: readonly StoredSession[],
): Comparison {
  const sum = { lost: 0, doubled: 0, misplaced: 0, changed: 0 };
  for (const { session, messages } of stored) {
    const wanted = lines.filter((line): line is MessageLine =>
      line.type === "message" && line.session === session.id
    );
    const byId = Map.groupBy(messages, ({ id }) => id);
    sum.lost += wanted.filter(({ id }) => !byId.has(id)).length;
    const known = new Set(wanted.map(({ id }) => id));
    const kept = [...byId.keys()].filter((id) => known.has(id));
    sum.doubled += messages.length - kept.length;
    wanted.forEach((line, i) => {
      const message = byId.get(line.id)?.[0];
      if (message === undefined) return;
      if (messages[i]?.id !== line.id || message.sequence !== i + 1) {
        sum.misplaced++;
      }
      if (!isSame(line, message)) sum.changed++;
    });
    if (!isUpToDate(session, lines)) sum.changed++;
  }
  return sum;
}

/** Whether nothing differs. */
export function isFaultless(comparison: Comparison): boolean {
  return Object.values(comparison).every((count) => count === 0);
}

function isSame(line: MessageLine, message: Message): boolean {
  // The replay adds the process that sent it.
  const { writerPid: _, ...annotations } = message.metadata?.annotations ?? {};
  return isDeepStrictEqual(
    [message.role, message.content, message.tokenCount, {
      ...message.metadata,
      annotations,
    }],
    [line.role, line.content, line.tokenCount, {
      annotations: {},
      ...line.metadata,
    }],
  );
}

/** Whether each update of the session took effect, and none did twice. */
function isUpToDate(session: Session, lines: readonly Line[]): boolean {
  const first = lines.find((line) =>
    line.type === "session" && line.id === session.id
  );
  const updates = lines.filter((line) =>
    line.type === "update" && line.session === session.id
  );
  const { userId, metadata, activeAgentId, status } = Object.assign(
    { status: "active", metadata: {} },
    first,
    ...updates,
  );
  return isDeepStrictEqual(
    [
      session.version,
      session.userId,
      session.metadata,
      session.activeAgentId,
      session.status,
    ],
    [1 + updates.length, userId, metadata, activeAgentId, status],
  );
}

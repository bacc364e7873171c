/**
 * Writers who compete for the versions of one session, and a book of what each
 * was told. Who wrote which version is in the session itself, so that the two
 * can be held against each other.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  ConcurrencyError,
  type RedisAdapter,
  type Session,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { newSession } from "./records.ts";

/** One update that expects a version. */
interface Attempt {
  readonly expected: number;
  /** What its writer was told; "unknown" after an outage: it may be stored. */
  told: "won" | "lost" | "unknown";
}

/** How often writers were told what. */
export interface LedgerCounts {
  readonly won: number;
  readonly lost: number;
  readonly unknown: number;
  /** Attempts that are stored although their writers do not know. */
  readonly storedUnknown: number;
  /** The version in the end. */
  readonly version: number;
}

/** Makes attempts, and remembers what came of them. */
export class VersionLedger {
  readonly #attempts = new Map<string, Attempt>();
  readonly #highestMet: number[] = [];

  /** The session that all compete for. */
  readonly sessionId: string;
  /** How often somebody won. */
  won = 0;

  /** Constructs an empty ledger. */
  constructor(sessionId: string) {
    this.sessionId = sessionId;
  }

  /** Creates the session. */
  async create(storage: RedisAdapter): Promise<void> {
    await storage.createSession(
      newSession({ id: this.sessionId, metadata: { custom: { names: [] } } }),
    );
  }

  /**
   * Reads the session and tries to write the version after the one that was
   * read. Fails for anything that is neither an answer nor an outage.
   */
  async compete(storage: RedisAdapter): Promise<void> {
    const session = await storage.getSession(this.sessionId).catch(onOutage);
    if (session === undefined) return;
    assert(session !== null, "the session is gone");
    await this.attempt(storage, session);
  }

  /** Tries to write the version after the one of a session. */
  async attempt(storage: RedisAdapter, session: Session): Promise<void> {
    const name = `a${this.#attempts.size}`;
    const attempt: Attempt = { expected: session.version!, told: "unknown" };
    this.#attempts.set(name, attempt);
    const { expected: expectedVersion } = attempt;
    const names = [...namesOf(session), name];
    try {
      const stored = await storage.updateSession(
        this.sessionId,
        { metadata: { custom: { names } } },
        { expectedVersion },
      );
      attempt.told = "won";
      this.won++;
      assertEquals(stored.version, expectedVersion + 1);
      assertEquals(namesOf(stored), names);
    } catch (error) {
      if (error instanceof ConcurrencyError) {
        attempt.told = "lost";
        this.#highestMet.push(error.actualVersion);
        assertConflict(error, this.sessionId, expectedVersion);
      } else onOutage(error);
    }
  }

  /**
   * Holds the ledger against the session. Fails unless each version has one
   * attempt that expected the version before it, and was not told that it lost;
   * and unless each attempt that was told that it won has one version.
   */
  audit(session: Session): LedgerCounts {
    const version = session.version!;
    const names = namesOf(session);
    assertEquals(names.length, version - 1, "a version without a writer");
    assertEquals(new Set(names).size, names.length, "a writer wrote twice");
    let storedUnknown = 0;
    for (const [i, name] of names.entries()) {
      const { expected, told } = this.#attempts.get(name)!;
      assertEquals(expected, i + 1, `${name} wrote another version`);
      assert(told !== "lost", `${name} wrote, and was told that it lost`);
      if (told === "unknown") storedUnknown++;
    }
    const stored = new Set(names);
    for (const [name, { told }] of this.#attempts) {
      assert(told !== "won" || stored.has(name), `what ${name} won is lost`);
    }
    const highest = Math.max(1, ...this.#highestMet);
    assert(highest <= version, `nobody wrote version ${highest}`);
    const count = (what: Attempt["told"]) =>
      [...this.#attempts.values()].filter(({ told }) => told === what).length;
    return {
      ...{ won: this.won, lost: count("lost"), unknown: count("unknown") },
      ...{ storedUnknown, version },
    };
  }
}

/** Fails unless a conflict tells the session, and both versions. */
export function assertConflict(
  error: ConcurrencyError,
  sessionId: string,
  expectedVersion: number,
): void {
  assertEquals(error.sessionId, sessionId);
  assertEquals(error.expectedVersion, expectedVersion);
  const { actualVersion } = error;
  assert(Number.isSafeInteger(actualVersion), `version ${actualVersion}`);
  assert(actualVersion > expectedVersion, `${actualVersion} is no later one`);
}

/** Says what a ledger holds. */
export function describeCounts(counts: LedgerCounts): string {
  const { won, lost, unknown, storedUnknown, version } = counts;
  return `version ${version}: ${won} won, ${lost} lost, ${unknown} do not know, of which ${storedUnknown} are stored`;
}

function namesOf({ metadata }: Session): string[] {
  return metadata.custom!["names"] as string[];
}

function onOutage(error: unknown): undefined {
  const isOutage = error instanceof StorageError &&
    (error.reason === "unavailable" || error.reason === "timeout");
  if (!isOutage) throw error;
}

/**
 * What a test is given: the adapter, time, and a second adapter.
 *
 * @module
 */

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { StorageErrorReason } from "../errors.ts";
import type { IStorageAdapter } from "../types.ts";
import { property, rejection } from "./assertions.ts";
import type {
  AdapterExtensions,
  AdapterSettings,
  AdapterUnderTest,
  Capabilities,
  ExtendedAdapter,
} from "./options.ts";

const POLL_MS = 25;
const TICK_MS = 10;

/** An adapter that is taken to have every further method. */
export type CompleteAdapter = IStorageAdapter & AdapterExtensions;

/** The adapter that a test is about, on a store of its own. */
export class Subject {
  /** The adapter. */
  readonly adapter: CompleteAdapter;
  /** What the adapter can do. */
  readonly capabilities: Capabilities;
  readonly #made: AdapterUnderTest;
  readonly #others: ExtendedAdapter[] = [];

  /** Wraps what createAdapter() made. */
  constructor(made: AdapterUnderTest, capabilities: Capabilities) {
    this.adapter = complete(made.adapter);
    this.capabilities = capabilities;
    this.#made = made;
  }

  /** Opens a second adapter on the same store. */
  async another(settings?: AdapterSettings): Promise<CompleteAdapter> {
    const { reopen } = this.#made;
    assert.ok(reopen, 'The capability "sharedStore" needs reopen()');
    const other = await reopen.call(this.#made, settings);
    this.#others.push(other);
    return complete(other);
  }

  /** Returns the adapters that compete: two where the store can be shared. */
  async contenders(): Promise<CompleteAdapter[]> {
    return this.capabilities.sharedStore
      ? [this.adapter, await this.another()]
      : [this.adapter];
  }

  /** Lets time pass. */
  async elapse(milliseconds: number): Promise<void> {
    const { elapse } = this.#made;
    await (elapse?.call(this.#made, milliseconds) ?? sleep(milliseconds));
  }

  /** Lets so much time pass that the next date differs. */
  async tick(): Promise<void> {
    await this.elapse(TICK_MS);
  }

  /** Polls a condition; resolves to whether it came true in time. */
  async until(
    condition: () => Promise<boolean>,
    timeoutMs: number,
  ): Promise<boolean> {
    for (let waited = 0; waited < timeoutMs; waited += POLL_MS) {
      if (await condition()) return true;
      await this.elapse(POLL_MS);
    }
    return await condition();
  }

  /** Fails unless the call rejects with a StorageError that names what it is about. */
  async fails(
    call: () => PromiseLike<unknown>,
    reason: StorageErrorReason,
    options: { names?: string[]; about?: string } = {},
  ): Promise<void> {
    const { names = [], about } = options;
    const error = await rejection(call, about);
    const context = `${about ?? "It"} fails with ${String(error)}`;
    assert.equal(property(error, "name"), "StorageError", context);
    assert.equal(property(error, "code"), "STORAGE_ERROR", context);
    assert.equal(typeof property(error, "adapter"), "string", context);
    assert.match(
      String(property(error, "message")),
      /^Cannot .+: \S/s,
      context,
    );
    if (this.capabilities.reasons) {
      assert.equal(property(error, "reason"), reason, context);
    }
    for (const name of names) {
      const message = String(property(error, "message"));
      assert.ok(message.includes(name), `${context}, which hides "${name}"`);
    }
  }

  /** Reads all that is stored. */
  async snapshot(): Promise<unknown> {
    const sessions = await this.adapter.listSessions();
    const messages = await Promise.all(
      sessions.map(({ id }) => this.adapter.getMessages(id)),
    );
    return { sessions, messages };
  }

  /** Fails if the call, which may reject, changes what is stored. */
  async changesNothing(call: () => Promise<unknown>): Promise<void> {
    const before = await this.snapshot();
    await call();
    assert.deepEqual(await this.snapshot(), before);
  }

  /** Closes the second adapters and removes the store. */
  async dispose(): Promise<void> {
    for (const other of this.#others) await other.close();
    await this.#made.dispose();
  }
}

function complete(adapter: ExtendedAdapter): CompleteAdapter {
  // A group calls a further method only where its capability is on.
  return adapter as CompleteAdapter;
}

/**
 * Large appends whose scripts a test comes between.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import {
  type Message,
  type NewMessage,
  type RedisAdapter,
  StorageError,
} from "@reaatech/session-continuity-storage-redis";
import { type Interceptor, interceptScripts } from "./intercepted_client.ts";
import { newMessage, newSession } from "./records.ts";
import { sharedRedisUrl } from "./shared_redis.ts";
import { readHash, readOrder, snapshot } from "./snapshot.ts";
import type { TestBed, TestStore, TestStoreOptions } from "./test_bed.ts";

/** So long that two of them do not go into one part. */
const BIG = "x".repeat(300_000);

/** Returns a message that is a part by itself. */
export function bigMessage(id: string, end = ""): NewMessage & { id: string } {
  return { ...newMessage(`${BIG}${id}${end}`), id };
}

/** Returns messages that are a part each. */
export function bigMessages(...ids: string[]): NewMessage[] {
  return ids.map((id) => bigMessage(id));
}

/** Counts the scripts of an adapter, from 1, and lets a test stand in for one. */
export class ScriptSteps {
  /** How many keys each script was given. */
  readonly keys: number[] = [];
  /** What is done in the place of any script that is not named. */
  always: Interceptor = (send) => send();
  #steps = new Map<number, Interceptor>();

  /** Does something in the place of the script of this number. */
  at(number: number, act: Interceptor): void {
    this.#steps.set(number, act);
  }

  /** Does something before the script of this number. */
  before(number: number, act: () => Promise<unknown>): void {
    this.at(number, async (send) => {
      await act();
      return await send();
    });
  }

  /** Counts from 1 again, and forgets what was to be done. */
  reset(): void {
    this.keys.length = 0;
    this.#steps.clear();
  }

  readonly intercept: Interceptor = async (send, by, options) => {
    this.keys.push(options?.keys?.length ?? 0);
    const act = this.#steps.get(this.keys.length) ?? this.always;
    return await act(send, by, options);
  };
}

/** An adapter whose scripts are counted, and a session "s" with a message "first". */
export interface SteppedStore extends TestStore {
  readonly steps: ScriptSteps;
  /** Another adapter on the same data. */
  readonly other: RedisAdapter;
  /** Opens further adapters on the same data, whose scripts are counted. */
  another(options?: TestStoreOptions): Promise<SteppedStore>;
}

/** Opens an adapter whose scripts the server knows. */
export async function openStepped(
  bed: TestBed,
  options: TestStoreOptions = {},
): Promise<SteppedStore> {
  const url = options.url ?? await sharedRedisUrl();
  const open = async (more: TestStoreOptions): Promise<SteppedStore> => {
    const steps = new ScriptSteps();
    const client = interceptScripts(await bed.client(url), steps.intercept);
    const all = { ...options, ...more, url };
    const store = await bed.open({ ...all, client });
    const { prefix: keyPrefix } = store;
    const { storage: other } = await bed.open({ ...all, keyPrefix });
    return {
      ...{ ...store, steps, other },
      another: (even) => open({ keyPrefix, ...even }),
    };
  };
  await teach(await open({}));
  const store = await open({});
  await store.storage.createSession(newSession({ id: "s" }));
  await store.storage.addMessage("s", newMessage("first", { id: "first" }));
  store.steps.reset();
  return store;
}

/** Has every script of an append sent, so that the server knows it. */
async function teach({ storage, steps }: SteppedStore): Promise<void> {
  await storage.createSession(newSession({ id: "s" }));
  await storage.addMessages("s", bigMessages("a", "b"));
  steps.always = () => Promise.reject(new Error("stop"));
  steps.reset();
  steps.at(1, (send) => send());
  // By the digest, then by the text.
  steps.at(3, (send) => send());
  steps.at(4, (send) => send());
  await storage.addMessages("s", bigMessages("c", "d")).catch(() => {});
  steps.always = (send) => send();
}

/** What a history has to be, and the places that its messages have in Redis. */
export async function readPlaces(
  store: TestStore,
  messages: readonly Message[],
  isTagged = false,
): Promise<{ found: unknown; wanted: unknown }> {
  const found = await readOrder(
    store,
    `session:${isTagged ? "{s}" : "s"}:messages`,
  );
  const wanted = messages.map((
    { id, createdAt },
  ) => [id, createdAt.getTime()]);
  return { found, wanted };
}

/** Fails unless the history is of these messages, with these numbers, and nothing is left over. */
export async function assertHistory(
  store: SteppedStore,
  ids: readonly string[],
  sequences: readonly number[] = ids.map((_, i) => i + 1),
): Promise<void> {
  const messages = await store.other.getMessages("s");
  assertEquals(messages.map(({ id }) => id), ids);
  assertEquals(messages.map(({ sequence }) => sequence), [...sequences]);
  const { found, wanted } = await readPlaces(store, messages);
  assertEquals(found, wanted);
  const session = await readHash(store, "session:s");
  assertEquals(session["staged"], undefined);
  assertEquals(session["lastSequence"], String(sequences.at(-1)));
  const hashes = (await store.keys()).filter((key) => key.startsWith("mess"));
  assertEquals(hashes, ids.map((id) => `message:${id}`).sort());
}

/** Fails unless appending to session "s" is refused, and leaves all as it was. */
export async function assertRefused(
  store: TestStore,
  given: NewMessage[],
  why: string,
): Promise<StorageError> {
  const before = await snapshot(store);
  const error = await assertRejects(
    () => store.storage.addMessages("s", given),
    StorageError,
    why,
  );
  assertEquals(await snapshot(store), before);
  return error;
}

/**
 * Cuts the connections of a call at many places of its exchange.
 *
 * @module
 */

import type { Direction, LinkFault } from "./cutting_proxy.ts";
import type { FaultCall } from "./fault_calls.ts";
import type { FaultLane } from "./fault_lane.ts";
import { spread } from "./fault_rounds.ts";
import type { FaultTrials } from "./fault_trial.ts";

/** Both ways. */
export const DIRECTIONS: readonly Direction[] = ["request", "reply"];

const TIMEOUT_MS = 5_000;

/** Who is cut, and how often. */
export interface Cuts {
  /** They take turns. */
  readonly lanes: readonly FaultLane[];
  readonly trials: FaultTrials;
  /** Places inside of an exchange, each way. */
  readonly places: number;
  /** Makes trouble before each call. */
  readonly begin?: () => unknown;
  /** Whether replies come as a whole or not at all. @default false */
  readonly areRepliesWhole?: boolean;
  /** How often the call is sent again: each of these in its turn. @default as usual */
  readonly retries?: readonly number[];
}

/** Fails unless a call leaves all as before or as after it, wherever it is cut. */
export async function assertSurvivesCuts(
  { lanes, trials, places, begin, retries, areRepliesWhole = false }: Cuts,
  name: string,
  call: FaultCall,
): Promise<void> {
  const usual = await trials.measure(lanes[0]!, call, begin);
  const faults = DIRECTIONS.flatMap((direction) =>
    spread(usual.sizes[direction], places).map((afterBytes): LinkFault => ({
      ...{ direction, afterBytes, kind: "cut" },
      isWhole: areRepliesWhole && direction === "reply",
    }))
  );
  let turn = 0;
  await eachIn(lanes, faults, async (lane, fault) => {
    const { direction, afterBytes } = fault;
    const size = usual.sizes[direction];
    const often = retries?.[turn++ % retries.length];
    await trials.assertSurvives(lane, call, usual, {
      about:
        `${name}, cut after ${afterBytes} of ${size} bytes of the ${direction}`,
      ...{ fault, timeoutMs: TIMEOUT_MS },
      ...(begin === undefined ? {} : { begin }),
      ...(often === undefined ? {} : { retries: often }),
    });
  });
}

/** Does something with each item, one at a time in each lane. */
export async function eachIn<T>(
  lanes: readonly FaultLane[],
  items: readonly T[],
  act: (lane: FaultLane, item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  await Promise.all(lanes.map(async (lane) => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      await act(lane, item);
    }
  }));
}

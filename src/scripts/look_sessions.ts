/**
 * Looks at sessions whose ids are known: of a user who has many, or on a
 * cluster, where each lies in a slot of its own.
 *
 * @module
 */

import { defineScript } from "../redis_port.ts";
import { runScript, type Store } from "../store.ts";
import type { SessionId } from "../types.ts";
import { BASE } from "./prelude/base.ts";
import { LOOK } from "./prelude/look.ts";
import { DATES } from "./prelude/older.ts";
import {
  isSelective,
  namedArgs,
  queryArgs,
  readRow,
  type SessionQuery,
  type SessionRow,
} from "./session_query.ts";

const script = defineScript(
  BASE,
  DATES,
  LOOK,
  `
-- Holds sessions against the filters of a list.
--
-- KEYS[...] their hashes
-- ARGV[1] prefix; ARGV[2] layout; then name, value, ... in any order, besides
-- the filters: wants_rows, "1" for rows, else places; and the ids
-- Returns {"ok", for each id: {"fits", the moment that the order goes by, row},
-- {"corrupt", key, why}, {"gone"}, {"left"} or {"other"}}
-- Cost: O(ids)
local reply = {"ok"}
for _, session_id in ipairs(asked_ids) do
  local answer, detail, values = look(session_id)
  if answer == "fits" then
    reply[#reply + 1] = {answer, detail, ask.wants_rows == "1" and row_of(session_id, values) or nil}
  else
    reply[#reply + 1] = answer == "corrupt" and detail or {answer}
  end
end
return reply
`,
);

/** What a look at a session told. */
export type Look =
  | readonly ["fits", moment: number, row?: SessionRow | string]
  | readonly ["corrupt", key: string, why: string]
  | readonly ["gone" | "left" | "other"];

/** Looks at sessions, and returns what it told of each, in their order. */
export async function lookAt(
  store: Store,
  query: SessionQuery,
  ids: readonly SessionId[],
  wants: "rows" | "places",
): Promise<Look[]> {
  const wantsRows = wants === "rows";
  const ask = async (some: readonly SessionId[]) => {
    const [, ...looks] = await runScript<"ok">(
      store,
      script,
      some.map((id) => store.keys.session(id)),
      [
        ...store.keys.scope,
        ...queryArgs(query, wantsRows && !isSelective(query)),
        ...namedArgs({ wants_rows: wantsRows ? 1 : 0 }),
        ...some.flatMap((id) => ["id", id]),
      ],
    );
    return looks as Look[];
  };
  // On a cluster, each session may be on another node.
  return store.hints === undefined
    ? await ask(ids)
    : (await Promise.all(ids.map((id) => ask([id])))).flat();
}

/** Returns the row of a session that a list is to return. */
export function rowOf(id: SessionId, look: Look): SessionRow {
  // Corrupt ones have a row too: a list reports them.
  return look[0] === "corrupt"
    ? [id, ...look]
    : readRow(look[2] as SessionRow | string);
}

/**
 * Reads messages of a session, in the order in which they were accepted.
 *
 * @module
 */

import { decodeRecord, ROLES } from "../message_codec.ts";
import { defineScript } from "../redis_port.ts";
import type { Store } from "../store.ts";
import type { Message, SessionId } from "../types.ts";
import { runDeclared } from "./declared_script.ts";
import { decodeRows } from "./message_row.ts";
import { BASE } from "./prelude/base.ts";
import { HISTORY } from "./prelude/history.ts";
import { AFTER_OWNER } from "./prelude/message.ts";
import { DATES } from "./prelude/older.ts";
import { SESSION_KEYS, SLIDE_ON_READ } from "./prelude/session.ts";
import { maySort, readChanges } from "./read_changes.ts";

const script = defineScript(
  BASE,
  SESSION_KEYS,
  SLIDE_ON_READ,
  DATES,
  'local may_sort = ARGV[9] == "1"',
  HISTORY,
  AFTER_OWNER,
  `
-- Reads messages: the filters first, then the order, then offset and limit. An
-- id whose hash is gone is no message: it leaves the set, the next one fills
-- its place.
--
-- KEYS[1] session hash; KEYS[2] messages sorted set; KEYS[3...] hashes of
-- messages that are to be declared
-- ARGV[1] prefix; ARGV[2] layout; ARGV[3] TTL ms to start again, or 0;
-- ARGV[4] "asc" or "desc"; ARGV[5] offset; ARGV[6] limit, or -1;
-- ARGV[7] after ms, or ""; ARGV[8] before ms, or ""; ARGV[9] "1" where SORT_RO is
-- to be tried; ARGV[10...] roles
-- Returns {"ok", list of ids and rows, 1 where SORT_RO was refused}, {"declare", ids}, {"slide", ids, user} or {"corrupt", key, why}
-- Cost: O(log M + offset + limit) of the session's messages; with filters O(M)
local is_ascending = ARGV[4] == "asc"
local offset, limit = tonumber(ARGV[5]), tonumber(ARGV[6])
local after, before = tonumber(ARGV[7]), tonumber(ARGV[8])
local roles = nil
for i = 10, #ARGV do
  roles = roles or {}
  roles[ARGV[i]] = true
end

local wrong = misfit(messages, "zset")
if wrong then return wrong end

local ROLES = {${ROLES.map((role) => `${role} = true`).join(", ")}}
-- Whether a message passes the filters. One that cannot be read passes, so
-- that it is reported.
local is_filtered = roles or after or before
local function passes(role, ms)
  if not is_filtered then return true end
  -- Beyond 8.64e15 ms JavaScript has no Date.
  if not ROLES[role or ""] or not ms or ms > 8.64e15 or ms < -8.64e15 then return true end
  return (not roles or roles[role]) and (not after or ms > after) and (not before or ms < before)
end

local more = slide_on_read()
if more then return more end

local rows, gone = {}, {}
local function wanted()
  return limit < 0 and 200 or math.min(200, offset + limit - #rows / 2)
end
local start, count = 0, wanted()
while limit ~= 0 do
  local ids, records = part_of(start, count, is_ascending)
  for i, message_id in ipairs(ids) do
    local record = is_own(records[i]) and records[i]
    local row, role, ms
    if not record then
      local created_at
      row, role, created_at = looked_up(message_id)
      ms = to_ms(created_at)
    elseif is_filtered then
      ms, role = string.match(record, "^" .. after_owner, #own + 1)
      ms = tonumber(ms)
    end
    if not row and not record then
      gone[#gone + 1] = message_id
    elseif passes(role, ms) then
      if offset > 0 then
        offset = offset - 1
      else
        rows[#rows + 1] = message_id
        rows[#rows + 1] = row or record
        if #rows == 2 * limit then break end
      end
    end
  end
  if #rows == 2 * limit or #ids < count then break end
  start = start + count
  -- What a filter leaves out is not known before.
  count = is_filtered and math.min(200, 2 * count) or wanted()
end
if is_undeclared(id, gone) then return {"declare", gone} end
-- A read answers also where nothing can be written: on a replica, without memory.
for _, message_id in ipairs(gone) do redis.pcall("ZREM", messages, message_id) end
return {"ok", rows, ARGV[9] == "1" and not may_sort and 1 or nil}
`,
);

/** Which messages to read; every value was checked. */
export interface MessageQuery {
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number | undefined;
  readonly afterMs: number | undefined;
  readonly beforeMs: number | undefined;
  readonly roles: readonly string[];
}

/**
 * Reads messages: what the cache does not hold, where there is one; else by one
 * sort where nothing is filtered, and by a script otherwise. A
 * sort that leaves out the first ids cannot see which of them are no messages.
 */
export async function readMessages(
  store: Store,
  sessionId: SessionId,
  query: MessageQuery,
): Promise<Message[]> {
  const isFiltered = query.roles.length > 0 || query.afterMs !== undefined ||
    query.beforeMs !== undefined;
  if (store.cache !== undefined && !isFiltered) {
    const messages = await readChanges(store, store.cache, sessionId, query);
    if (messages !== undefined) return messages;
  } else if (
    !isFiltered && query.offset === 0 && query.limit !== 0 &&
    !store.refreshTtlOnRead && store.hints === undefined &&
    store.keys.canSortBy(sessionId)
  ) {
    const messages = await sortMessages(store, sessionId, query);
    if (messages !== undefined) return messages;
  }
  return await scriptMessages(store, sessionId, query);
}

/** Returns undefined where the sort does not tell: refused, or a row that is no message. */
async function sortMessages(
  store: Store,
  sessionId: SessionId,
  { descending, limit }: MessageQuery,
): Promise<Message[] | undefined> {
  const pattern = store.keys.message(sessionId, "*");
  const records = await store.port.readSorted(store.keys.messages(sessionId), {
    get: `${pattern}->message`,
    descending,
    limit,
  });
  if (records === undefined) return undefined;
  const messages: Message[] = [];
  for (const record of records) {
    // A missing field proves nothing: an older message, another type, no hash.
    if (record == null) return undefined;
    try {
      messages.push(decodeRecord(sessionId, record));
    } catch {
      // The script looks again: it knows another session's message from a
      // broken one, and reports the key of the latter.
      return undefined;
    }
  }
  return messages;
}

async function scriptMessages(
  store: Store,
  sessionId: SessionId,
  query: MessageQuery,
): Promise<Message[]> {
  const [, rows, isRefused] = await runDeclared<"ok">(
    store,
    script,
    sessionId,
    {
      slides: store.refreshTtlOnRead,
      args: [
        query.descending ? "desc" : "asc",
        String(query.offset),
        String(query.limit ?? -1),
        String(query.afterMs ?? ""),
        String(query.beforeMs ?? ""),
        maySort(store, sessionId),
        ...query.roles,
      ],
    },
  );
  if (isRefused !== undefined) store.port.sortIsRefused();
  return decodeRows(store, sessionId, rows as unknown[]);
}

import { describeMixedHistories } from "./support/mixed_histories.ts";
import { describeOlderReads } from "./support/older_reads.ts";
import { describeOlderWrites } from "./support/older_writes.ts";
import { onServer, onServerWithTags } from "./support/places.ts";

for (
  const [name, place] of [
    ["on a server", onServer],
    ["with hash tags", onServerWithTags],
  ] as const
) {
  describeOlderReads(name, place);
  describeOlderWrites(name, place);
  describeMixedHistories(name, place);
}

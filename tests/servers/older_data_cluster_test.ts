import { describeMixedHistories } from "../support/mixed_histories.ts";
import { describeOlderReads } from "../support/older_reads.ts";
import { describeOlderWrites } from "../support/older_writes.ts";
import { onCluster } from "../support/places.ts";

describeOlderReads("on a cluster", onCluster);
describeOlderWrites("on a cluster", onCluster);
describeMixedHistories("on a cluster", onCluster);

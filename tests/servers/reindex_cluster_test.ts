import { onCluster } from "../support/places.ts";
import { describeReindex } from "../support/reindexing.ts";
import { describeLiveReindex } from "../support/reindexing_live.ts";

describeReindex("on a cluster", onCluster);
describeLiveReindex("on a cluster", onCluster);

import { onServer, onServerWithTags } from "./support/places.ts";
import { describeReindex } from "./support/reindexing.ts";
import { describeLiveReindex } from "./support/reindexing_live.ts";

describeReindex("on a server", onServer);
describeReindex("with hash tags", onServerWithTags);
describeLiveReindex("on a server", onServer);
describeLiveReindex("with hash tags", onServerWithTags);

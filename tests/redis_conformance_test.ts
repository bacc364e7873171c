import { createClient } from "redis";
import { describeRedisAdapter } from "./support/redis_conformance.ts";

describeRedisAdapter("RedisAdapter", { realTime: true });

describeRedisAdapter("RedisAdapter with hashTags", {
  config: { hashTags: true },
  capabilities: { messageIdsUniqueAcrossSessions: false },
});

// SORT takes the first `*` of a pattern for the id: such a prefix is read by a script.
describeRedisAdapter("RedisAdapter with a keyPrefix of odd characters", {
  prefixEnd: "a*b?[c]{d}->\\\0é:",
});

describeRedisAdapter("RedisAdapter where SORT_RO is forbidden", {
  connect: async (url, bed) => {
    const admin = await bed.client(url);
    const username = `reader-${crypto.randomUUID()}`;
    await admin.aclSetUser(username, [
      "on",
      ">secret",
      "~*",
      "+@all",
      "-sort_ro",
      "-sort",
    ]);
    bed.defer(() => admin.aclDelUser(username));
    const client = createClient({ url, username, password: "secret" });
    client.on("error", () => {});
    await client.connect();
    return { client, end: () => client.destroy() };
  },
});

import { describeRedisAdapter } from "./support/redis_conformance.ts";

describeRedisAdapter("RedisAdapter");

describeRedisAdapter("RedisAdapter with hashTags", {
  config: { hashTags: true },
  capabilities: { messageIdsUniqueAcrossSessions: false },
});

// SORT takes the first `*` of a pattern for the id: such a prefix is read by a script.
describeRedisAdapter("RedisAdapter with a keyPrefix of odd characters", {
  prefixEnd: "a*b?[c]{d}->\\\0é:",
});

import { describeRedisAdapter } from "./support/redis_conformance.ts";

describeRedisAdapter("RedisAdapter");

describeRedisAdapter("RedisAdapter with hashTags", {
  config: { hashTags: true },
  capabilities: { messageIdsUniqueAcrossSessions: false },
});

describeRedisAdapter("RedisAdapter with a cache", {
  config: { cache: { maxMessages: 1000 } },
});

describeRedisAdapter("RedisAdapter with hashTags and a cache of one message", {
  config: { hashTags: true, cache: { maxMessages: 1 } },
  capabilities: { messageIdsUniqueAcrossSessions: false },
});

// SORT takes the first `*` of a pattern for the id: such a prefix is read by a script.
describeRedisAdapter("RedisAdapter with a keyPrefix of odd characters", {
  prefixEnd: "a*b?[c]{d}->\\\0é:",
});

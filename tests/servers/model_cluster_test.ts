import { afterAll, describe, it } from "@std/testing/bdd";
import { STEPS } from "../support/model_calls.ts";
import { onCluster } from "../support/model_places.ts";
import { search } from "../support/model_search.ts";
import { TestBed } from "../support/test_bed.ts";

describe("RedisAdapter on a cluster, beside a model of its contract", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("does what the model says, whoever calls what", async () => {
    const place = await onCluster(bed);
    await search(place, { name: "cluster", steps: STEPS, share: 0.1 });
  });
});

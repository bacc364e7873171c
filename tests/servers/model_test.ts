import { afterAll, describe, it } from "@std/testing/bdd";
import { RACES, STEPS } from "../support/model_calls.ts";
import { onServer, onServerWithTags } from "../support/model_places.ts";
import { search } from "../support/model_search.ts";
import { TestBed } from "../support/test_bed.ts";

describe("RedisAdapter beside a model of its contract", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("does what the model says, whoever calls what", async () => {
    const place = await onServer(bed);
    await search(place, { name: "calls", steps: STEPS, share: 0.5 });
  });

  it("does so with hash tags", async () => {
    const place = await onServerWithTags(bed);
    await search(place, { name: "hash tags", steps: STEPS, share: 0.2 });
  });

  it("does calls that race in some order", async () => {
    const place = await onServer(bed);
    await search(place, { name: "races", steps: RACES, share: 0.3 });
  });
});

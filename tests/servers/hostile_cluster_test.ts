import { afterAll, describe, it } from "@std/testing/bdd";
import {
  keepApart,
  NEIGHBOUR_INPUTS,
  NEIGHBOURS,
} from "../support/hostile_neighbours.ts";
import { hostileCluster } from "../support/hostile_places.ts";
import { searchHostile } from "../support/hostile_search.ts";
import { TestBed } from "../support/test_bed.ts";

describe("hostile ids on a cluster", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  it("keep what is their own", async () => {
    const place = await hostileCluster(bed);
    await searchHostile(NEIGHBOURS, {
      name: `ids, ${place.name}`,
      runs: 60,
      inputs: () => NEIGHBOUR_INPUTS,
      clear: () => place.clear(),
    }, (neighbours) => keepApart(place, neighbours));
  });
});

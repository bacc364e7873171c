import { afterAll, describe, it } from "@std/testing/bdd";
import {
  keepApart,
  NEIGHBOUR_INPUTS,
  NEIGHBOURS,
} from "./support/hostile_neighbours.ts";
import { hostileServer } from "./support/hostile_places.ts";
import { searchHostile } from "./support/hostile_search.ts";
import { TestBed } from "./support/test_bed.ts";

describe("hostile ids", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  for (const hashTags of [false, true]) {
    it(`keep what is their own, hashTags ${hashTags}`, async () => {
      const place = await hostileServer(bed, hashTags);
      await searchHostile(NEIGHBOURS, {
        name: `ids, ${place.name}`,
        runs: 200,
        inputs: () => NEIGHBOUR_INPUTS,
        clear: () => place.clear(),
      }, (neighbours) => keepApart(place, neighbours));
    });
  }
});

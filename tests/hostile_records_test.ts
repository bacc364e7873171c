import { afterAll, describe, it } from "@std/testing/bdd";
import { hostileServer } from "./support/hostile_places.ts";
import {
  assertBorne,
  fillForScribbles,
  SCRIBBLED_STORES,
} from "./support/hostile_records.ts";
import { searchHostile } from "./support/hostile_search.ts";
import { TestBed } from "./support/test_bed.ts";

describe("hostile records", () => {
  const bed = new TestBed();
  afterAll(() => bed.close());

  for (const hashTags of [false, true]) {
    it(`are told as what they are, hashTags ${hashTags}`, async () => {
      const place = await hostileServer(bed, hashTags);
      await searchHostile(SCRIBBLED_STORES, {
        name: `records, ${place.name}`,
        runs: 300,
        inputs: ({ scribbles }) => scribbles.length,
        clear: async () => {
          await place.clear();
          await fillForScribbles(place);
        },
      }, (store) => assertBorne(place, store));
    });
  }
});

/**
 * Holds the npm package to what it promises CommonJS: require() gives what
 * import() gives. Runs on Node and Bun, against the installed package.
 */

const assert = require("node:assert/strict");
const process = require("node:process");
const { describe, it } = require("node:test");

const NAME = "@reaatech/session-continuity-storage-redis";

// Node says so since 20.19, Bun does not.
const hasRequireOfEsm = process.features.require_module === true ||
  process.versions.bun !== undefined;

describe("require()", { skip: !hasRequireOfEsm }, () => {
  for (const entryPoint of [NAME, `${NAME}/conformance`]) {
    it(`gives what import() of ${entryPoint} gives`, async () => {
      const imported = await import(entryPoint);
      const required = require(entryPoint);
      assert.ok(Object.keys(imported).length > 0);
      for (const [name, value] of Object.entries(imported)) {
        assert.equal(required[name], value, name);
      }
    });
  }
});

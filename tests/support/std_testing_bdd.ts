/**
 * Stands in for `@std/testing/bdd` where the JSR registry cannot be reached,
 * and on Node and Bun. Has the names that the tests use, over `node:test`.
 *
 * @module
 */

export {
  after,
  after as afterAll,
  afterEach,
  before,
  before as beforeAll,
  beforeEach,
  describe,
  it,
} from "node:test";

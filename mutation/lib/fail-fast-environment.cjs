/**
 * A mutant is noticed by the first test that fails: the other tests of its file are left out. Each of them could hang as the first one
 * did, and would then take the whole of its time.
 */
const { TestEnvironment } = require('jest-environment-node')

module.exports = class FailFastEnvironment extends TestEnvironment {
  #failed = false

  /** @param {import('@jest/types').Circus.Event} event */
  async handleTestEvent(event) {
    if (event.name === 'hook_failure' || event.name === 'test_fn_failure') this.#failed = true
    else if (event.name === 'test_start' && this.#failed) event.test.mode = 'skip'
  }
}

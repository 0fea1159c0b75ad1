/**
 * One failing test is enough to kill a mutant, so the other tests of the file are skipped. Each of them could hang too, and would then
 * run until its time-out.
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

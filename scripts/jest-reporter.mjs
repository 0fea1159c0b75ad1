/**
 * The output of `npm test`: the number of finished files, each failure once and at once, and at the end a summary of at
 * most a screen. The counts go to the file that `run-jest.mjs` names.
 */
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'

const shownFailures = 15

export default class Reporter {
  #done = 0
  #all = 0
  #failed = []
  #shown = 0
  #startedAt = performance.now()

  onRunStart(results) {
    this.#all = results.numTotalTestSuites
  }

  onTestResult({ path }, result) {
    this.#done++
    const file = relative(process.cwd(), path)
    if (result.console?.length)
      this.#print(`${file} printed:\n${result.console.map((entry) => entry.message).join('\n')}`)
    if (result.failureMessage) {
      const names = result.testResults
        .filter(({ status }) => status === 'failed')
        .map(({ fullName }) => fullName)
      this.#failed.push(
        ...(names.length > 0 ? names : ['the file cannot be run']).map((name) => `${file}: ${name}`),
      )
      this.#print(`FAIL ${file}\n${result.failureMessage.trimEnd()}`)
    }
    this.#progress()
  }

  onRunComplete(_contexts, results) {
    this.#clear()
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(0)
    for (const name of this.#failed.slice(0, shownFailures)) console.log(`✗ ${name}`)
    if (this.#failed.length > shownFailures) console.log(`  and ${this.#failed.length - shownFailures} more`)
    console.log(`${this.#done} of ${this.#all} files, ${seconds} s`)
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, numTodoTests } =
      results
    writeFileSync(
      process.env.XAUTH_TEST_COUNTS,
      JSON.stringify({
        passed: numPassedTests,
        // A file that does not load has no failed test, so the file itself is counted.
        failed: numFailedTests + numRuntimeErrorTestSuites,
        skipped: numPendingTests + numTodoTests,
      }),
    )
  }

  /** A terminal gets one line that is overwritten; other output gets a line for each tenth of the files. */
  #progress() {
    const line = `${this.#done} of ${this.#all} files, ${this.#failed.length} tests failed`
    if (process.stdout.isTTY) process.stdout.write(`\r${line}`)
    else if (Math.floor((10 * this.#done) / this.#all) > this.#shown) {
      this.#shown = Math.floor((10 * this.#done) / this.#all)
      console.log(line)
    }
  }

  #print(text) {
    this.#clear()
    console.log(text)
  }

  #clear() {
    if (process.stdout.isTTY) process.stdout.write('\r\x1b[K')
  }
}

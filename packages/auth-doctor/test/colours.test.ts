import { PassThrough } from 'node:stream'
import { isColoured } from '../src/render/colours.js'

test.each([
  ['a terminal', { isTTY: true }, {}, true],
  ['a terminal in CI', { isTTY: true }, { CI: 'true' }, true],
  ['a terminal that has none', { isTTY: true }, { TERM: 'dumb' }, false],
  ['a pipe', { isTTY: false }, {}, false],
  ['a stream that does not say what it is', {}, {}, false],
  ['a pipe in CI', {}, { CI: 'true' }, false],
  ['NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, false],
  ['NO_COLOR that is empty', { isTTY: true }, { NO_COLOR: '' }, true],
  ['NO_COLOR before FORCE_COLOR', { isTTY: true }, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ['FORCE_COLOR', {}, { FORCE_COLOR: '3' }, true],
  ['FORCE_COLOR that is empty', {}, { FORCE_COLOR: '' }, false],
  ['FORCE_COLOR=0', { isTTY: true }, { FORCE_COLOR: '0' }, false],
])('%s', (_, stream, environment, expected) => {
  expect(isColoured(stream, environment)).toBe(expected)
})

/** picocolors reads CI when it is loaded. */
test('a pipe is plain where the process runs in CI', async () => {
  const kept = process.env['CI']
  process.env['CI'] = 'true'
  try {
    const stdout = new PassThrough()
    await jest.isolateModulesAsync(async () => {
      const { main } = await import('../src/main.js')
      const streams = {
        stdin: new PassThrough(),
        stdout,
        stderr: new PassThrough(),
        environment: process.env,
      }
      // The file exports no options: a report with findings, without a server.
      await main(['config', __filename], streams as unknown as Parameters<typeof main>[1])
    })
    const printed = String(stdout.read())
    expect(printed).toContain('CONFIG')
    expect(printed).not.toContain('\x1b[')
  } finally {
    if (kept === undefined) delete process.env['CI']
    else process.env['CI'] = kept
  }
})

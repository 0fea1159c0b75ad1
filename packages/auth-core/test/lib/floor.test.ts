import { isDowngrade } from '../../src/lib/login/floor.js'

test.each([
  [[], { cleartext: true }, false],
  [[{ cleartext: false }], { cleartext: true }, true],
  [[{ cleartext: true }, { cleartext: false }], { cleartext: true }, true],
  [[{ cleartext: true }], { cleartext: true }, false],
  [[{ cleartext: false }], { cleartext: false }, false],
  // Who does not say is thought to be readable.
  [[{ cleartext: false }], {}, true],
  [[{}], { cleartext: true }, false],
])('past %j to %j: %p', (passed, chosen, expected) => {
  expect(isDowngrade(passed, chosen)).toBe(expected)
})

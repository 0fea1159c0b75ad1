import { definedIn } from '../../src/base.js'

test('what is undefined is not given; what a class or a prototype answers is, and is read once', () => {
  let reads = 0
  class Configuration {
    own = 1
    readonly absent = undefined
    get port() {
      reads++
      return 9142
    }
    method() {}
  }
  const copy = definedIn(Object.assign(Object.create(new Configuration()), { more: null }))
  expect(Object.entries(copy)).toEqual(
    expect.arrayContaining([
      ['own', 1],
      ['port', 9142],
      ['more', null],
    ]),
  )
  expect(Object.keys(copy)).toHaveLength(3)
  expect(reads).toBe(1)
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import {
  bagOf,
  callback,
  duration,
  flag,
  initially,
  listOf,
  oneOf,
  optionBag,
  readOptions,
  refuseUnknown,
  required,
  text,
  whole,
} from '../../../src/lib/options/option-spec.js'

const bag = optionBag('brew', {
  maxStaleMs: initially(500, duration({ max: 10_000 }), 'Long enough.'),
  roast: initially('dark', oneOf('dark', 'light')),
  cups: whole({ min: 1, max: 12 }),
  beans: listOf(text('the name of a bean'), 'a list of beans'),
  filter: callback<() => void>(),
  decaf: flag,
  grinder: bagOf(optionBag('the option grinder of brew', { coarse: initially(true, flag) })),
})

const refused = (given: unknown) => {
  try {
    readOptions(bag, given)
  } catch (error) {
    return error as Error & { code: string }
  }
  throw new Error('accepted')
}

describe('copies', () => {
  const specOf = (name: string) =>
    readFileSync(join(__dirname, `../../../../${name}/src/lib/options/option-spec.ts`))

  test.each(['tls-profiles', 'auth-testserver'])(
    'option-spec.ts of %s is that of auth-core, byte for byte: change all three together',
    (name) => {
      expect(specOf(name).equals(specOf('auth-core'))).toBe(true)
    },
  )
})

describe('defaults', () => {
  test.each([undefined, {}, { maxStaleMs: undefined, roast: undefined, cups: undefined }])('%j', (given) => {
    expect(readOptions(bag, given)).toEqual({ maxStaleMs: 500, roast: 'dark' })
  })

  test('within an option, where that is given', () => {
    expect(readOptions(bag, { grinder: {} }).grinder).toEqual({ coarse: true })
    expect(readOptions(bag, {}).grinder).toBeUndefined()
  })
})

describe('what is given is read once, by name, and that is used', () => {
  test('an instance of a class, with getters and an inherited option', () => {
    let reads = 0
    class Base {
      get cups() {
        reads++
        return 2 + reads
      }
    }
    class Given extends Base {
      roast = 'light'
    }
    expect(readOptions(bag, new Given())).toMatchObject({ cups: 3, roast: 'light' })
    expect(reads).toBe(1)
  })

  test.each([
    ['on a prototype', Object.create({ cups: 4 })],
    ['without a prototype', Object.assign(Object.create(null), { cups: 4 })],
    ['not enumerable', Object.defineProperty({}, 'cups', { value: 4 })],
    ['of another realm', runInNewContext('({ cups: 4, beans: ["arabica"] })')],
    ['frozen', Object.freeze({ cups: 4 })],
  ])('%s', (_, given) => {
    expect(readOptions(bag, given).cups).toBe(4)
  })

  test.each([
    ['this realm', Object.prototype, {}],
    ['another', ...(runInNewContext('[Object.prototype, {}]') as [object, object])],
  ])('what is on Object.prototype of %s is not given', (_, prototype, given) => {
    Object.defineProperty(prototype, 'roast', { value: 'light', enumerable: true, configurable: true })
    Object.defineProperty(prototype, 'milk', { value: true, enumerable: true, configurable: true })
    try {
      expect(readOptions(bag, given).roast).toBe('dark')
    } finally {
      for (const name of ['roast', 'milk']) Reflect.deleteProperty(prototype, name)
    }
  })

  test('a list is copied', () => {
    const beans = ['arabica']
    const read = readOptions(bag, { beans })
    beans.push('')
    expect(read.beans).toEqual(['arabica'])
  })

  test('a list of another realm is a list', () => {
    expect(readOptions(bag, runInNewContext('({ beans: ["arabica"] })')).beans).toEqual(['arabica'])
  })

  test('methods of a class are not options, and neither is its constructor', () => {
    class Given {
      cups = 1
      toString() {
        return 'given'
      }
    }
    expect(readOptions(bag, new Given()).cups).toBe(1)
  })
})

describe('a name that is none', () => {
  test.each([
    ['maxStale', 'maxStaleMs'],
    ['maxstalems', 'maxStaleMs'],
    ['maxStalMs', 'maxStaleMs'],
    ['Roast', 'roast'],
    ['cup', 'cups'],
    ['bean', 'beans'],
  ])('%s: did you mean %s?', (wrong, right) => {
    expect(refused({ [wrong]: 1 })).toMatchObject({ code: 'OPTION_INVALID' })
    expect(refused({ [wrong]: 1 }).message).toContain(`Did you mean ${right}?`)
  })

  test.each(['sugar', 'x', '__proto', 'constructor'])('%s: the known ones, and no guess', (wrong) => {
    const { message } = refused({ [wrong]: undefined })
    expect(message).toContain(`brew has no option "${wrong}"; it has maxStaleMs, roast,`)
    expect(message).not.toContain('Did you mean')
  })

  test.each<[string, object]>([
    ['hidden', Object.defineProperty({}, 'maxStale', { value: 1 })],
    ['hidden in a prototype', Object.create(Object.defineProperty({}, 'maxStale', { value: 1 }))],
    [
      'inherited from what has no prototype',
      Object.create(Object.assign(Object.create(null), { maxStale: 1 })),
    ],
    [
      'a hidden accessor there',
      Object.create(Object.defineProperty(Object.create(null), 'maxStale', { get: () => 1 })),
    ],
    ['of another realm', runInNewContext("Object.defineProperty({}, 'maxStale', { value: 1 })")],
  ])('%s: refused anyway', (_, given) => {
    expect(refused(given).message).toContain('Did you mean maxStaleMs?')
  })

  test('an accessor of a class, an inherited property, an option within an option', () => {
    class Given {
      get decafe() {
        return true
      }
    }
    expect(refused(new Given()).message).toContain('Did you mean decaf?')
    expect(refused(Object.create({ decafe: true })).message).toContain('Did you mean decaf?')
    expect(refused({ grinder: { coarses: true } }).message).toContain('Did you mean coarse?')
  })

  test('a long one is cut, and what could be read as a line of a log is quoted', () => {
    const { message } = refused({ [`a\n${'b'.repeat(5_000)}`]: 1 })
    expect(message).toContain('"a\\nbbb')
    expect(message.length).toBeLessThan(400)
  })

  test('of who has none', () => {
    expect(() => refuseUnknown('plain', [], { speed: 1 })).toThrow('it has none')
  })
})

describe('a value that is wrong', () => {
  test.each([
    [{ maxStaleMs: null }, 'maxStaleMs', ', not null'],
    [{ maxStaleMs: '5' }, 'maxStaleMs', 'a number of milliseconds from 1 to 10000'],
    [{ maxStaleMs: Number.NaN }, 'maxStaleMs', ''],
    [{ maxStaleMs: 0 }, 'maxStaleMs', ''],
    [{ maxStaleMs: 10_001 }, 'maxStaleMs', ''],
    [{ roast: 'Dark' }, 'roast', "'dark' or 'light'"],
    [{ roast: '' }, 'roast', ', not an empty string'],
    [{ roast: ['dark'] }, 'roast', ''],
    [{ cups: 1.5 }, 'cups', ''],
    [{ cups: Object(2) }, 'cups', ''],
    [{ beans: [] }, 'beans', ', not an empty list'],
    [{ beans: 'arabica' }, 'beans', ''],
    [{ beans: ['arabica', undefined] }, 'beans', ''],
    [{ beans: [null] }, 'beans', ''],
    [{ beans: [''] }, 'beans', ''],
    [{ beans: new Array(2) }, 'beans', ''],
    [{ filter: {} }, 'filter', ''],
    [{ decaf: 1 }, 'decaf', 'true or false'],
    [{ decaf: 'false' }, 'decaf', ''],
    [{ grinder: null }, 'grinder', 'takes an object'],
    [{ grinder: { coarse: 0 } }, 'coarse', ''],
  ])('%j', (given, name, says) => {
    const error = refused(given)
    expect(error).toMatchObject({ code: 'OPTION_INVALID' })
    expect(error.message).toContain(name)
    expect(error.message).toContain(says)
  })

  test.each([null, [], 'options', 5, () => ({})])('%p instead of all options', (given) => {
    expect(refused(given)).toMatchObject({ code: 'OPTION_INVALID' })
  })

  test('is not quoted: it may be a secret in the wrong place', () => {
    for (const name of Object.keys(bag.options)) {
      const { message } = refused({ [name]: name === 'beans' ? [5, 'hunter2'] : 'hunter2' })
      expect(message).not.toContain('hunter2')
    }
  })

  test('what a getter throws is thrown unchanged', () => {
    const given = Object.defineProperty({}, 'cups', {
      get() {
        throw new RangeError('mine')
      },
    })
    expect(refused(given)).toBeInstanceOf(RangeError)
  })
})

test('what is required says so, and counts as missing where it is undefined', () => {
  const needs = optionBag('needs', { path: required(text('a path')) })
  expect(() => readOptions(needs, {})).toThrow('needs needs the option path: a path.')
  expect(() => readOptions(needs, { path: undefined })).toThrow(/needs the option/)
  expect(readOptions(needs, { path: 'here' })).toEqual({ path: 'here' })
})

/** The parts of the check of a whole client: who asks for a login, which hosts are in use, and what a certificate check accepts. */
import { checkServerIdentity, createSecureContext } from 'node:tls'
import { ignoredDistance } from '../../src/driver.js'
import { clientConnections } from '../../src/lib/client/client-connections.js'
import { isInUse } from '../../src/lib/client/hosts-in-use.js'
import { acceptsAnybody } from '../../src/lib/client/identity-probe.js'
import { offeredSuites } from '../../src/lib/client/offered-suites.js'
import { openLogins } from '../../src/lib/client/open-logins.js'
import { routesByName } from '../../src/lib/client/routes-by-name.js'
import { checkTlsOptions, tlsOptionsAsRead } from '../../src/lib/client/tls-options.js'
import { weakIn } from '../../src/lib/client/weak-ciphers.js'
import { recordOf } from '../../src/provider-record.js'
import { mechanismOf, providerOf } from '../support/harness.js'

const makeReader = Symbol.for('@x/tls:reader')
const own = providerOf().provider
const external = providerOf({
  mechanism: mechanismOf(async function* () {}, { name: 'EXTERNAL' }),
}).provider

/** A profile as @x/tls-profiles makes it, and what its reader is asked for. */
function profileOf(more: object = {}) {
  const asked: (((endpoint: string) => Error & { code?: string; endpoint?: string }) | undefined)[] = []
  const made = { reader: true }
  const tls = {
    rejectUnauthorized: true,
    session: 'a session',
    onread: { shared: true } as object | undefined,
    [makeReader]: (unasked: never) => {
      asked.push(unasked)
      return made
    },
    ...more,
  }
  return { tls, asked, made }
}

describe('the connections of one client', () => {
  test('have a reader of their own, and one that is not seen stays so', () => {
    const { tls, made } = profileOf()
    const copy = clientConnections(tls, own, undefined)
    expect(copy?.['onread']).toBe(made)
    expect(Object.keys(copy ?? {})).toEqual(['rejectUnauthorized', 'session', 'onread'])
    tls.onread = undefined
    expect(copy?.['onread']).toBeUndefined()
  })

  test.each<[string, unknown, boolean | undefined, boolean]>([
    ['a provider of this family', own, undefined, true],
    ['a provider of this family, switched off', own, false, false],
    ['a provider of this family, switched on', own, true, true],
    ['a login by certificate', external, undefined, false],
    ['a login by certificate, switched on', external, true, true],
    ['another library', {}, undefined, false],
    ['no provider', undefined, undefined, false],
  ])('a login is required: %s', (_, provider, wanted, required) => {
    const { tls, asked } = profileOf()
    clientConnections(tls, provider, wanted)
    expect(asked).toEqual([required ? expect.any(Function) : undefined])
  })

  test('the error of a server that did not ask names it', () => {
    const { tls, asked } = profileOf()
    clientConnections(tls, own, true)
    expect(asked[0]?.('10.0.0.1:9042')).toMatchObject({
      code: 'NOT_AUTHENTICATED',
      endpoint: '10.0.0.1:9042',
      message: expect.stringContaining('10.0.0.1:9042 let the client in'),
    })
  })

  test.each<[string, object | undefined, unknown]>([
    ['without TLS', undefined, own],
    ['without a profile', { rejectUnauthorized: true }, own],
    ['without the function that makes a reader', { onread: {} }, own],
    ['with a profile that sees nothing', profileOf({ onread: undefined }).tls, own],
    ['with a provider of another library', profileOf().tls, {}],
  ])('%s, nobody can tell: only `true` is an error', (_, tls, provider) => {
    expect(() => clientConnections(tls as never, provider, true)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
    expect(() => clientConnections(tls as never, provider, undefined)).not.toThrow()
    expect(() => clientConnections(tls as never, provider, false)).not.toThrow()
  })

  test('options without a profile are passed on', () => {
    const tls = { rejectUnauthorized: true }
    expect(clientConnections(tls, own, undefined)).toBe(tls)
    expect(clientConnections(undefined, own, undefined)).toBeUndefined()
  })

  describe('that later cannot be seen', () => {
    test('end by the verdict on the certificate if a login is required', () => {
      const { tls } = profileOf({ rejectUnauthorized: false })
      const copy = clientConnections(tls, own, true) ?? {}
      expect({ ...copy }).toMatchObject({
        rejectUnauthorized: false,
        session: 'a session',
        checkServerIdentity,
      })
      tls.onread = undefined
      expect(copy).toMatchObject({ rejectUnauthorized: true, session: undefined })
      const refuse = copy['checkServerIdentity'] as () => Error
      expect(refuse()).toMatchObject({ code: 'CANNOT_TELL' })
      expect(Object.keys(copy).sort()).toEqual([
        'checkServerIdentity',
        'onread',
        'rejectUnauthorized',
        'session',
      ])
    })

    test('keep the check of the profile as long as they are seen', () => {
      const check = () => undefined
      const copy = clientConnections(profileOf({ checkServerIdentity: check }).tls, own, true)
      expect(copy?.['checkServerIdentity']).toBe(check)
    })

    test('go on if it is not', () => {
      const { tls } = profileOf()
      const copy = clientConnections(tls, own, undefined)
      tls.onread = undefined
      expect({ ...copy }).toMatchObject({ rejectUnauthorized: true, session: 'a session' })
      expect(copy).not.toHaveProperty('checkServerIdentity')
    })
  })
})

describe('whether a client opens connections to a host', () => {
  const host = { address: '10.0.0.1:9042' } as never
  const says = (distance: unknown) => ({ loadBalancing: { getDistance: () => distance } })
  const ignores = says(ignoredDistance)
  const uses = says(0)
  const fails = {
    loadBalancing: {
      getDistance: () => {
        throw new Error('x')
      },
    },
  }

  test.each<[string, unknown, boolean]>([
    ['nothing is known', undefined, true],
    ['there is no policy', {}, true],
    ['there are policies, and none is for this', { policies: {} }, true],
    ['its policy ignores the host', { policies: ignores }, false],
    ['its policy uses the host', { policies: uses }, true],
    ['its policy cannot be asked', { policies: fails }, true],
    ['a profile uses it', { policies: ignores, profiles: [ignores, uses] }, true],
    ['all profiles ignore it', { policies: ignores, profiles: [ignores, ignores] }, false],
    ['only a profile has a policy', { profiles: [ignores] }, false],
    ['a profile has none', { policies: ignores, profiles: [{}] }, false],
    ['a policy is null', { policies: { loadBalancing: null }, profiles: [ignores] }, false],
  ])('%s', (_, options, inUse) => {
    expect(isInUse(options, host)).toBe(inUse)
  })
})

describe('a check of the identity that is tried out', () => {
  test('a contact point that really has the name of the certificate is not a sign', () => {
    expect(acceptsAnybody(checkServerIdentity, ['nobody.invalid', '192.0.2.20'], {})).toBe(false)
  })

  test('one that throws does not accept', () => {
    const check = () => {
      throw new Error('no')
    }
    expect(acceptsAnybody(check, [], {})).toBe(false)
  })

  test.each<[string, unknown, boolean]>([
    ['nothing', undefined, true],
    ['false', false, true],
    ['an error', new Error('no'), false],
    ['a promise', Promise.reject(new Error('no')), false],
  ])('%s as a verdict', (_, verdict, accepts) => {
    expect(acceptsAnybody(() => verdict, [], {})).toBe(accepts)
  })

  test('has the options as its `this`, and cannot change them', () => {
    const options = { pin: 'a' }
    const seen = new Set<unknown>()
    function check(this: { pin?: string }) {
      seen.add(this.pin)
      delete this.pin
      return new Error('no')
    }
    expect(acceptsAnybody(check, [], options)).toBe(false)
    expect([[...seen], options]).toEqual([['a'], { pin: 'a' }])
  })

  test('each is asked with a certificate that no other call has changed', () => {
    const subjects: unknown[] = []
    acceptsAnybody(
      (_, certificate) => {
        subjects.push(certificate.raw !== undefined)
        delete (certificate as { raw?: unknown }).raw
        return new Error('no')
      },
      [],
      {},
    )
    expect(subjects).not.toContain(false)
  })
})

describe('what decides which suites are offered', () => {
  test('a curve that OpenSSL does not know is refused now, and not at the first connection', () => {
    const weak = () => weakIn({ ecdhCurve: 'nonsense' })
    expect(weak).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    expect(weak).toThrow(' sslOptions (ecdhCurve): ')
  })

  test('a list of words with levels, spaces and empty parts is read word by word', () => {
    expect(weakIn({ ciphers: 'HIGH:aNULL@SECLEVEL=1' })).toBe('aNULL')
    expect(weakIn({ ciphers: 'HIGH, ;aNULL' })).toBe('aNULL')
    expect(weakIn({ ciphers: 'HIGH::!aNULL:' })).toBeUndefined()
    expect(weakIn({ ciphers: 'HIGH:aNULL:!aNULL@SECLEVEL=1' })).toBeUndefined()
  })

  test('the suites of a hello are those of the list', () => {
    const ciphers = 'ECDHE-RSA-AES128-GCM-SHA256'
    const suites = offeredSuites({ ca: [], ciphers, maxVersion: 'TLSv1.2' })
    // The last one says that the client renegotiates securely (RFC 5746).
    expect(suites).toEqual([0xc02f, 0x00ff])
    expect(
      offeredSuites({ secureContext: createSecureContext({ ca: [], ciphers, maxVersion: 'TLSv1.2' }) }),
    ).toEqual(suites)
  })
})

describe('sslOptions', () => {
  const messageOf = (tls: object) => {
    try {
      checkTlsOptions(tls as never, [])
      return undefined
    } catch (error) {
      return (error as Error).message
    }
  }
  const secureContext = createSecureContext({ ca: [] })

  test('an error names each option that Node.js would ignore, and no other', () => {
    expect(messageOf({ rejectUnauthorized: true, secureContext, ca: 'x', minVersion: 'TLSv1.3' })).toContain(
      'Node.js ignores: ca, minVersion.',
    )
    expect(messageOf({ rejectUnauthorized: true, secureContext })).toBeUndefined()
  })

  test('an error names each option that leads elsewhere', () => {
    expect(messageOf({ host: 'a', lookup: () => undefined, rejectUnauthorized: true })).toContain(
      'would change that: host, lookup.',
    )
  })

  test('an error names each option of a profile', () => {
    expect(messageOf({ session: Buffer.alloc(1), onread: {}, rejectUnauthorized: true })).toContain(
      'Remove from sslOptions: session, onread.',
    )
  })

  test.each([[{}], ['text'], [42], [{ context: 'text' }], [() => undefined]])(
    'what is not a secure context is refused as one: %p',
    (given) => {
      expect(messageOf({ rejectUnauthorized: true, secureContext: given })).toContain(
        'sslOptions.secureContext must be what tls.createSecureContext returns',
      )
    },
  )

  test('a check of the server that is a method of a class keeps its object', () => {
    class Pins {
      readonly rejectUnauthorized = true
      readonly #pin = new Error('another pin')
      checkServerIdentity() {
        return this.#pin
      }
    }
    const read = tlsOptionsAsRead(new Pins())
    const check = read['checkServerIdentity'] as (this: unknown) => unknown
    expect(check.call({ host: 'a' })).toMatchObject({ message: 'another pin' })
  })

  test('a function that is its own is passed on', () => {
    const checkServerIdentity = () => new Error('x')
    expect(tlsOptionsAsRead({ checkServerIdentity })['checkServerIdentity']).toBe(checkServerIdentity)
  })
})

describe('open logins of a client', () => {
  const record = (open: unknown) => ({ ...recordOf(own), openLogins: open }) as never
  const onread = {}

  test('are those of its own reader', () => {
    const asked: unknown[] = []
    const count = (endpoint: string, reader: object) => {
      asked.push([endpoint, reader])
      return 3
    }
    expect(openLogins({ sslOptions: { onread } }, record(count))?.('a:1')).toBe(3)
    expect(asked).toEqual([['a:1', onread]])
  })

  test.each<[string, unknown, unknown]>([
    ['no options', undefined, record(() => 1)],
    ['no TLS', {}, record(() => 1)],
    ['no reader', { sslOptions: {} }, record(() => 1)],
    ['no count', { sslOptions: { onread } }, record(undefined)],
    ['no record', { sslOptions: { onread } }, undefined],
  ])('%s: not known', (_, options, known) => {
    expect(openLogins(options, known as never)).toBeUndefined()
  })
})

test.each<[unknown, boolean]>([
  [undefined, false],
  [null, false],
  [{}, false],
  [{ cloud: {} }, true],
  [{ sni: {} }, true],
])('whether a proxy routes by name: %j', (options, routes) => {
  expect(routesByName(options)).toBe(routes)
})

test.each([[undefined], [null], ['text'], [{}], [Object.create(own)]])(
  '%p has no record of a provider',
  (given) => {
    expect(recordOf(given)).toBeUndefined()
    expect(recordOf(own)).toMatchObject({ mechanisms: ['TEST'] })
  },
)

import { createSecureContext } from 'node:tls'
import { weakIn } from '../../src/lib/client/weak-ciphers.js'

test.each([
  'aNULL',
  'ADH',
  'AECDH',
  'kRSA+aNULL',
  'aNULL+AES',
  'AES256+aNULL+SHA',
  'ADH-AES128-SHA',
  'TLS_DH_anon_WITH_AES_128_CBC_SHA',
  'COMPLEMENTOFALL',
  'COMPLEMENTOFDEFAULT',
  'aNULL:!eNULL',
  'aNULL:!ALL',
  'eNULL',
  'NULL',
  'eNULL+SHA',
  'SHA+eNULL',
  'NULL-SHA256',
  'ECDHE-RSA-NULL-SHA',
  'NULL:!aNULL',
  'NULL:!ALL',
  'COMPLEMENTOFALL:!ALL',
  'TLS_SHA256_SHA256',
  'TLS_SHA384_SHA384',
])('%s is refused by its name, though the level of security keeps it out', (word) => {
  expect(weakIn({ ciphers: `HIGH:${word}` })).toBe(word.split(':')[0])
  expect(weakIn({ ciphers: `${word} HIGH` })).toBe(word.split(':')[0])
})

test('level 0 is refused wherever it stands', () => {
  expect(weakIn({ ciphers: 'DEFAULT@SECLEVEL=0' })).toBe('@SECLEVEL=0')
  expect(weakIn({ ciphers: 'DEFAULT:@SECLEVEL=0:HIGH' })).toBe('@SECLEVEL=0')
})

test.each([
  'DEFAULT',
  'HIGH:!aNULL',
  'HIGH:-aNULL:+eNULL',
  'HIGH:aNULL:!aNULL',
  'HIGH:NULL:!NULL',
  'HIGH:eNULL:!eNULL',
  'DEFAULT:@SECLEVEL=1',
  'ECDHE+AESGCM',
])('%s may stand', (ciphers) => {
  expect(weakIn({ ciphers })).toBeUndefined()
})

test('of a secureContext what it offers is looked at, and the suite is named', () => {
  const made = (ciphers: string) => createSecureContext({ ca: [], ciphers, maxVersion: 'TLSv1.2' })
  expect(weakIn({ secureContext: made('NULL-SHA256:@SECLEVEL=0') })).toBe('the cipher suite 0x003b')
  expect(weakIn({ secureContext: made('DEFAULT') })).toBeUndefined()
})

test.each([
  [{ minVersion: 'TLSv9' }, 'minVersion'],
  [{ maxVersion: 'TLSv9' }, 'maxVersion'],
  [{ secureProtocol: 'nonsense' }, 'secureProtocol'],
  [{ secureOptions: 'nonsense' }, 'secureOptions'],
  [{ ciphers: 'nonsense', minVersion: 'TLSv1.2', servername: 'a' }, 'ciphers, minVersion'],
])('what Node.js does not take of %j is named', (tls, names) => {
  const weak = () => weakIn(tls)
  expect(weak).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  expect(weak).toThrow(` sslOptions (${names}): `)
})

test.each([
  ['throws', { code: 'ERR_METHOD_NOT_IMPLEMENTED' }],
  ['throws without a code', {}],
  ['throws a code that only contains one of Node.js', { code: 'NO_ERR_TLS_HERE' }],
  ['writes its hello later', undefined],
])(
  'a runtime that cannot say which suites it offers is judged by the cipher list alone: it %s',
  (_, thrown) => {
    jest.isolateModules(() => {
      const offeredSuites = () => {
        if (!thrown) return undefined
        throw Object.assign(new Error('not implemented'), thrown)
      }
      jest.doMock('../../src/lib/client/offered-suites.js', () => ({ offeredSuites }))
      const { weakIn: there } = require('../../src/lib/client/weak-ciphers.js') as { weakIn: typeof weakIn }
      jest.dontMock('../../src/lib/client/offered-suites.js')
      expect(there({ ciphers: 'HIGH:!aNULL' })).toBeUndefined()
      expect(there({ ciphers: 'aNULL' })).toBe('aNULL')
    })
  },
)

import diagnostics from 'node:diagnostics_channel'
import type { CertificateSummary } from '../src/certificate.js'
import type { MaterialSummary } from '../src/lib/material/material.js'
import { Expiry } from '../src/lib/rotation/expiry.js'

const day = 86_400_000
const now = Date.UTC(2030, 0, 1)

const lasting = (name: string, endsIn: number, life = 90 * day): CertificateSummary => ({
  name,
  subject: `CN=${name}`,
  issuer: 'CN=ca',
  names: [],
  validFrom: new Date(now + endsIn - life),
  validTo: new Date(now + endsIn),
  fingerprint256: name,
})
const holding = (client: CertificateSummary[], ca: CertificateSummary[] = []): MaterialSummary => ({
  systemRoots: false,
  ca,
  anchors: ca,
  crls: 0,
  client,
})
const statusOf = (endsIn: number, { life, soonMs }: { life?: number; soonMs?: number } = {}) =>
  new Expiry('p', soonMs).statusOf(holding([lasting('a', endsIn, life)]), now)[0]

test.each([
  [7 * day, true],
  [7 * day + 1, false],
  [0, true],
])('a certificate of 90 days that ends in %d ms ends soon: %p', (endsIn, expiresSoon) => {
  expect(statusOf(endsIn)).toMatchObject({ expiresInMs: endsIn, expiresSoon, expired: false })
})

test.each([
  [20 * 60_000, true],
  [20 * 60_000 + 1, false],
])('one of an hour that ends in %d ms ends soon: %p', (endsIn, expiresSoon) => {
  expect(statusOf(endsIn, { life: 60 * 60_000 })).toMatchObject({ expiresSoon })
})

test.each([
  [50, true],
  [51, false],
])('the option decides for any lifetime: %d ms', (endsIn, expiresSoon) => {
  expect(statusOf(endsIn, { soonMs: 50 })).toMatchObject({ expiresSoon })
})

test('a certificate has expired after its end', () => {
  expect(statusOf(0)).toMatchObject({ expired: false })
  expect(statusOf(-1)).toMatchObject({ expired: true, expiresSoon: true })
})

test('our certificates first, then the CAs', () => {
  const status = new Expiry('p', undefined).statusOf(holding([lasting('a', day)], [lasting('b', day)]), now)
  expect(status.map(({ role, certificate }) => [role, certificate.name])).toEqual([
    ['client', 'a'],
    ['ca', 'b'],
  ])
  expect(Object.isFrozen(status[0])).toBe(true)
})

describe('the material as a whole', () => {
  const overall = (...args: Parameters<typeof holding>) =>
    new Expiry('p', undefined).overall(holding(...args), now)

  test('expires with the first of our certificates, and with the last of the roots', () => {
    const roots = [lasting('old', -day), lasting('new', 30 * day)]
    const ours = [lasting('a', 40 * day), lasting('b', 50 * day)]
    expect(overall(ours, roots)).toEqual({
      expiresAt: new Date(now + 30 * day),
      expiresSoon: false,
      expired: false,
    })
    expect(overall([...ours, lasting('c', day)], roots)).toMatchObject({ expiresSoon: true, expired: false })
    expect(overall([...ours, lasting('c', -day)], roots)).toMatchObject({ expiresSoon: true, expired: true })
  })

  test('has no end without its own certificates', () => {
    expect(overall([])).toEqual({ expiresAt: undefined, expiresSoon: false, expired: false })
  })
})

test('an event for each certificate when it expires soon, and another one when it has expired', () => {
  const told: unknown[] = []
  // The process has one channel: profiles of another file may still be watched.
  const listen = (event: unknown) => {
    if ((event as { profile: string }).profile === 'expiry.test') told.push(event)
  }
  diagnostics.subscribe('@x/tls:expiry', listen)
  const now = Date.now()
  const ending = (name: string, at: number) => ({
    ...lasting(name, 0),
    validFrom: new Date(0),
    validTo: new Date(at),
  })
  try {
    const expiry = new Expiry('expiry.test', undefined)
    const summary = holding(
      [ending('soon', now + day), ending('later', now + 90 * day)],
      [ending('over', now - day)],
    )
    expiry.notice(summary)
    expiry.notice(summary)
    expect(told).toEqual([
      expect.objectContaining({ role: 'client', expired: false }),
      expect.objectContaining({ role: 'ca', expired: true }),
    ])
    expiry.notice(holding([ending('soon', now - day)]))
    expect(told[2]).toMatchObject({ certificate: { name: 'soon' }, expired: true })
  } finally {
    diagnostics.unsubscribe('@x/tls:expiry', listen)
  }
})

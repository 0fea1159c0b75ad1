import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, isIP, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkServerIdentity, createSecureContext, type PeerCertificate } from 'node:tls'
import { createCertificateAuthority } from '@x/auth-testserver'
import { mutual, verifyServer } from '@x/tls-profiles'
import { unverified } from '@x/tls-profiles/danger'
import * as fc from 'fast-check'
import { authError, isAuthError } from '../src/base.js'
import {
  connectionError,
  httpTransport,
  isLasting,
  pause,
  reach,
  readText,
  retryAfterMs,
  sendsCertificate,
  type TextInput,
  verifiedTlsOption,
  withTimeout,
} from '../src/http.js'
import { Secret } from '../src/secret.js'
import { ManualClock } from './support/manual-clock.js'

const codeOf = async (work: () => unknown) => {
  try {
    await work()
  } catch (error) {
    return isAuthError(error) ? error.code : error
  }
  return undefined
}

describe('reach', () => {
  const of = (addresses: readonly string[], more: object = {}) => {
    const urls = addresses.map((address) => new URL(address))
    const may = reach({ who: 'source', addresses: urls, allowCleartextHttp: false, tls: false, ...more })
    return (address: string) => may(new URL(address))
  }
  const loopbacks = ['http://127.0.0.1:1', 'http://127.9.9.9', 'http://[::1]:1/', 'http://localhost/']
  const elsewhere = [
    'http://a.example',
    'http://192.0.2.1',
    'http://localhost.example',
    'http://[::ffff:192.0.2.1]',
    'http://0.0.0.0',
  ]

  test('https leads to https alone, not to what listens on this machine', () => {
    const may = of(['https://a.example'])
    expect(may('https://b.example')).toBe(true)
    for (const address of [...loopbacks, ...elsewhere, 'ftp://a.example', 'file:///etc/passwd']) {
      expect(may(address)).toBe(false)
    }
  })

  test.each(loopbacks)('%s leads to this machine and to https', (address) => {
    const may = of([address])
    for (const each of [...loopbacks, 'https://a.example']) expect(may(each)).toBe(true)
    for (const each of elsewhere) expect(may(each)).toBe(false)
  })

  test.each(elsewhere)('%s is used by name alone', async (address) => {
    expect(await codeOf(() => of([address]))).toBe('OPTION_INVALID')
    expect(await codeOf(() => of(['http://127.0.0.1', address]))).toBe('OPTION_INVALID')
    const may = of([address], { allowCleartextHttp: true })
    expect([address, ...loopbacks, 'ftp://a.example'].map(may)).toEqual([true, true, true, true, true, false])
  })

  test('options for TLS and http contradict each other, and no http is reached beside them', async () => {
    expect(await codeOf(() => of(['http://127.0.0.1'], { tls: true }))).toBe('OPTIONS_CONTRADICT')
    const may = of(['https://a.example'], { tls: true, allowCleartextHttp: true })
    expect(may('http://127.0.0.1')).toBe(false)
  })
})

describe('readText', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'x-auth-text-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const read = async (
    input: TextInput,
    form: 'token' | 'line' | 'lines' = 'token',
    signal = new AbortController().signal,
  ) => (await readText(input, { what: 'The text', form, context: { signal } })).use(String)
  const file = (content: string | Buffer) => {
    const path = join(folder, 'text')
    writeFileSync(path, content)
    return { path }
  }

  test('a text, a Secret, a file, and functions that give them', async () => {
    const inputs: TextInput[] = ['abc', new Secret('abc'), file(' abc\n')]
    inputs.push(
      () => 'abc',
      async () => new Secret('abc'),
      () => ({ token: new Secret('abc') }),
    )
    for (const input of inputs) expect(await read(input)).toBe('abc')
  })

  test.each([
    ['token', 'a b'],
    ['token', 'ü'],
    ['line', 'a\nb'],
    ['line', 'a\0b'],
    ['lines', 'a\0b'],
    ['lines', ' \n '],
    ['lines', 'x'.repeat(65_537)],
  ] as const)('as %s: %j is refused, and not quoted', async (form, text) => {
    expect(await codeOf(() => read(text, form))).toBe('CREDENTIALS_INVALID')
    expect(await codeOf(() => read(file(text), form))).toBe('CREDENTIALS_INVALID')
    expect(await codeOf(() => read((() => 5) as never, form))).toBe('CREDENTIALS_INVALID')
  })

  test('any characters of one line, and several lines, where that is the form', async () => {
    expect(await read('a ü€b', 'line')).toBe('a ü€b')
    expect(await read('a\nb', 'lines')).toBe('a\nb')
  })

  test('a file that is not there, that may not be read, and a folder', async () => {
    expect(await codeOf(() => read({ path: join(folder, 'none') }))).toBe('CREDENTIALS_NOT_CONFIGURED')
    expect(await codeOf(() => read({ path: folder }))).toBe('CREDENTIALS_INVALID')
    const { path } = file('abc')
    expect(await codeOf(() => read({ path: join(path, 'below') }))).toBe('SOURCE_FAILED')
  })

  test('a device without an end', async () => {
    symlinkSync('/dev/zero', join(folder, 'zero'))
    expect(await codeOf(() => read({ path: join(folder, 'zero') }))).toBe('CREDENTIALS_INVALID')
  })

  test('a pipe into which nobody writes, also one that takes the place of the file', async () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    expect(await codeOf(() => read({ path: pipe }))).toBe('CREDENTIALS_INVALID')
    // What is judged is what is read: whichever of the two is there, no reading waits for a writer.
    const { path } = file('abc')
    const swapped = join(folder, 'swapped')
    const ends = Array.from({ length: 50 }, async (_, index) => {
      if (index % 2 === 0) symlinkSync(path, `${swapped}.new`)
      else symlinkSync(pipe, `${swapped}.new`)
      const end = codeOf(() => read({ path: swapped }))
      renameSync(`${swapped}.new`, swapped)
      return end
    })
    for (const end of await Promise.all(ends)) {
      expect([undefined, 'CREDENTIALS_INVALID', 'CREDENTIALS_NOT_CONFIGURED']).toContain(end)
    }
    unlinkSync(swapped)
  })

  test('a function that throws, and one that never answers', async () => {
    const failing = () => {
      throw new Error('canary')
    }
    expect(await codeOf(() => read(failing))).toBe('SOURCE_FAILED')
    const abort = new AbortController()
    const reading = codeOf(() => read(() => new Promise(() => {}), 'token', abort.signal))
    abort.abort('over')
    expect(await reading).toBe('over')
  })
})

describe('verifiedTlsOption', () => {
  const take = (value: unknown) => verifiedTlsOption('mtls').take(value)

  test('plain options become one context, made once; what cannot be used is refused at once', async () => {
    const authority = await createCertificateAuthority()
    const [one, other] = await Promise.all([
      authority.issue({ names: ['localhost'] }),
      authority.issue({ names: ['localhost'] }),
    ])
    const ca = authority.certPem
    const trusting = take({ ca, servername: 'a' })
    expect(Object.keys(trusting ?? {}).sort()).toEqual(
      ['checkServerIdentity', 'rejectUnauthorized', 'secureContext', 'servername'].sort(),
    )
    expect(sendsCertificate(trusting ?? {})).toBe(false)
    expect(sendsCertificate(take({ ca, cert: one.certPem, key: one.keyPem }) ?? {})).toBe(true)
    expect(sendsCertificate(take({}) ?? {})).toBe(false)
    const secureContext = createSecureContext({ ca })
    expect(take({ secureContext })?.secureContext).toBe(secureContext)
    expect(sendsCertificate(take({ secureContext }) ?? {})).toBe(true)
    const wrong = [
      [{ secureContext, ca }, 'OPTIONS_CONTRADICT'],
      [{ cert: one.certPem }, 'OPTION_INVALID'],
      [{ key: one.keyPem }, 'OPTION_INVALID'],
      [{ cert: one.certPem, key: other.keyPem }, 'OPTION_INVALID'],
      [{ cert: 'canary', key: 'canary' }, 'OPTION_INVALID'],
      [{ rejectUnauthorized: false }, 'OPTION_INVALID'],
    ] as const
    for (const [options, code] of wrong) {
      expect(() => take(options)).toThrow(expect.objectContaining({ code }))
      expect(() => take(options)).not.toThrow(/canary/)
      expect(() => take(options)).toThrow(/mtls/)
    }
    const certified = mutual({ ca, cert: one.certPem, key: one.keyPem, hostname: 'address' })
    const plain = verifyServer({ ca, hostname: 'address' })
    const taken = [certified, plain].map((profile) => take(profile) ?? {})
    expect(taken.map((tls) => tls.secureContext)).toEqual([certified.secureContext, plain.secureContext])
    expect(taken.map(sendsCertificate)).toEqual([true, false])
    expect(() => take(unverified())).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    certified.close()
    plain.close()
  })

  test('a check of the identity that accepts anybody is refused, also instead of that of a profile', async () => {
    const ca = (await createCertificateAuthority()).certPem
    const [byAddress, byName, chainOnly] = (['address', 'vault.example', false] as const).map((hostname) =>
      verifyServer({ ca, hostname }),
    )
    const lax = { checkServerIdentity: () => undefined }
    const forAnyAddress = (host: string, certificate: PeerCertificate) =>
      isIP(host) ? undefined : checkServerIdentity(host, certificate)
    for (const options of [
      lax,
      { ca, ...lax },
      { servername: 'vault.example', ...lax },
      { checkServerIdentity: forAnyAddress },
      { ...byAddress, ...lax },
      { ...byName, ...lax },
    ]) {
      expect(() => take(options)).toThrow(expect.objectContaining({ code: 'IDENTITY_NOT_CHECKED' }))
      expect(() => take(options)).toThrow(/mtls/)
    }
    for (const options of [{ ca, checkServerIdentity }, byAddress, byName, chainOnly])
      expect(take(options)).toMatchObject({ secureContext: expect.anything() })
    for (const profile of [byAddress, byName, chainOnly]) profile?.close()
  })

  test('what was judged of a profile is what is used, and its context is asked for again', async () => {
    const ca = (await createCertificateAuthority()).certPem
    const profile = verifyServer({ ca, hostname: 'address' })
    const [first, second] = [createSecureContext(), createSecureContext()]
    const copy: Record<string, unknown> = { ...profile, secureContext: first }
    const taken = take(copy)
    Object.assign(copy, { secureContext: second, checkServerIdentity: () => undefined, servername: 'other' })
    expect(taken?.secureContext).toBe(second)
    expect(taken?.checkServerIdentity).toBe(profile.checkServerIdentity)
    expect(taken?.servername).toBeUndefined()
    profile.close()
  })
})

describe('withTimeout and pause', () => {
  test('the work, its bound, the signal of who waits; no timer is left', async () => {
    const clock = new ManualClock()
    const error = () => authError('SOURCE_FAILED', 'It took too long.')
    expect(await withTimeout({ clock, timeoutMs: 10, error }, async () => 1)).toBe(1)
    const late = codeOf(() => withTimeout({ clock, timeoutMs: 10, error }, () => new Promise(() => {})))
    clock.advance(10)
    expect(await late).toBe('SOURCE_FAILED')
    const abort = new AbortController()
    const given = { clock, timeoutMs: 10, error, signal: abort.signal }
    const aborted = codeOf(() => withTimeout(given, () => new Promise(() => {})))
    const paused = codeOf(() => pause({ clock, delayMs: 10, signal: abort.signal }))
    abort.abort('over')
    expect([await aborted, await paused]).toEqual(['over', 'over'])
    const over = pause({ clock, delayMs: 10, signal: new AbortController().signal })
    clock.advance(10)
    await over
    expect(clock.pending).toBe(0)
  })
})

test('an answer that is too long ends with the error of the package', async () => {
  const fetch = async () => new Response('x'.repeat(1_048_577))
  const tooLong = (problem: string) => authError('SOURCE_FAILED', problem)
  const send = httpTransport({ tls: undefined, fetch, tooLong })
  const request = {
    method: 'GET',
    url: new URL('https://a.example'),
    headers: {},
    body: undefined,
    signal: new AbortController().signal,
  }
  expect(await codeOf(() => send(request))).toBe('SOURCE_FAILED')
})

describe('a connection that does not have to keep the process alive', () => {
  const open = (secure: { certPem: string; keyPem: string } | undefined) => {
    const sockets: Socket[] = []
    const server = secure
      ? createHttpsServer({ cert: secure.certPem, key: secure.keyPem })
      : createHttpServer()
    // Nothing is answered; what this end has does not count.
    server.on('connection', (socket: Socket) => sockets.push(socket))
    return new Promise<{ url: URL; asked: Promise<unknown>; close: () => void }>((resolve) =>
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo
        const url = new URL(`http${secure ? 's' : ''}://127.0.0.1:${port}/`)
        const close = () => {
          for (const socket of sockets) socket.destroy()
          server.close()
        }
        resolve({ url, asked: once(server, 'request'), close })
      }),
    )
  }

  test.each([
    ['fetch', true, 1],
    ['node:https', true, 1],
    ['fetch', undefined, 2],
    ['node:https', undefined, 2],
  ])('by %s, unref %s: %d sockets keep it', async (by, unref, sockets) => {
    const authority = await createCertificateAuthority()
    const secure = by === 'fetch' ? undefined : await authority.issue({ names: ['127.0.0.1'] })
    const { url, asked, close } = await open(secure)
    const tls = secure && verifiedTlsOption('tls').take({ ca: authority.certPem })
    const send = httpTransport({ tls, fetch: undefined, tooLong: () => authError('SOURCE_FAILED') })
    const abort = new AbortController()
    const held = () => process.getActiveResourcesInfo().filter((each) => /^(TCPSocket|TLS)Wrap$/.test(each))
    const before = held().length
    const answer = send({ method: 'GET', url, headers: {}, body: undefined, signal: abort.signal, unref })
    const ended = codeOf(() => answer)
    await asked
    const kept = held().length - before
    abort.abort()
    await ended
    close()
    // That of the server, and that of the client.
    expect(kept).toBe(sockets)
  })
})

test('Retry-After: seconds, a date, or nothing', () => {
  const now = Date.parse('Sun, 06 Nov 1994 08:49:37 GMT')
  expect(retryAfterMs('120', now)).toBe(120_000)
  // Never sooner for a number that is larger.
  for (const text of ['999999999', '1000000000', '9'.repeat(400)]) {
    expect(retryAfterMs(text, now)).toBe(999_999_999_000)
  }
  expect(retryAfterMs('Sun, 06 Nov 1994 08:49:39 GMT', now)).toBe(2_000)
  expect(retryAfterMs('Sunday, 06-Nov-94 08:49:38 GMT', now)).toBe(1_000)
  for (const text of [undefined, '', '-1', '1.5', '1e3', 'soon', 'Sun, 06 Nov 1994 08:49:36 GMT']) {
    expect(retryAfterMs(text, now)).toBe(0)
  }
  fc.assert(fc.property(fc.string(), (text) => retryAfterMs(text, now) >= 0))
})

describe('the error for a request that got no answer', () => {
  const of = (error: unknown) =>
    connectionError(error, 'The server', (problem, more) => authError('SOURCE_FAILED', problem, more))

  test.each([
    ['ECONNREFUSED', false],
    ['ECONNRESET', false],
    ['EPROTO', false],
    ['UND_ERR_CONNECT_TIMEOUT', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', true],
    ['SELF_SIGNED_CERT_IN_CHAIN', true],
    ['CERT_HAS_EXPIRED', true],
    ['ERR_SSL_WRONG_VERSION_NUMBER', true],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', true],
  ])('%s, as deep as it is; another attempt ends in the same way: %s', (code, lasting) => {
    for (const error of [{ code }, new TypeError('failed', { cause: { errors: [{ code }] } })]) {
      const made = of(error)
      expect(made).toMatchObject({ details: { code } })
      expect(made.message).toContain(`(${code})`)
      expect(isLasting(made)).toBe(lasting)
    }
  })

  test('a text and a code of another library stay out', () => {
    const circle: { cause?: unknown } = {}
    circle.cause = circle
    for (const error of [{ code: 'CANARY', message: 'canary' }, circle, undefined]) {
      const made = of(error)
      expect(made).toMatchObject({ details: {}, cause: undefined })
      expect(made.message).not.toMatch(/canary/i)
      expect(isLasting(made)).toBe(false)
    }
  })

  test('what a profile says is repeated, and is the cause', async () => {
    const { certPem } = await createCertificateAuthority()
    const profile = verifyServer({ ca: certPem, hostname: 'vault.example' })
    const raw = new X509Certificate(certPem).raw
    const error = profile.checkServerIdentity?.('vault.example', { raw } as PeerCertificate)
    const made = of(error)
    expect(made).toMatchObject({ details: { code: 'NAME_MISMATCH' }, cause: error })
    expect(made.message).toContain('vault.example')
    expect(isLasting(made)).toBe(true)
    profile.close()
  })
})

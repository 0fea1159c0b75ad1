import { bindingOf, type ChannelBindingPolicy } from '../../src/lib/scram/channel-binding.js'
import { ScramCredentialParser } from '../../src/lib/scram/scram-credentials.js'
import { contextOf, errorOf } from '../support/conversation.js'

const data = Buffer.from([0, 0xff, 0x2c])
const type = 'tls-exporter'

/** `binding` as in a context; `null` for a connection without one, and `'absent'` for a context that knows no connections. */
function binding(
  policy: ChannelBindingPolicy,
  seen: Buffer | null | undefined | 'absent',
  more: object = {},
) {
  const credentials = new ScramCredentialParser().parse({ username: 'user', password: 'pencil', ...more })
  const asked: string[] = []
  const { channelBinding: _, ...context } = contextOf()
  const channelBinding = (name: string) => {
    asked.push(name)
    return seen as Buffer | null | undefined
  }
  const whole = seen === 'absent' ? context : { ...context, channelBinding }
  return { ...bindingOf(credentials, whole, policy, type), asked }
}

const n = { gs2Header: 'n,,', attribute: 'c=biws' }
const y = { gs2Header: 'y,,', attribute: 'c=eSws' }
const p = {
  gs2Header: 'p=tls-exporter,,',
  attribute: `c=${Buffer.concat([Buffer.from('p=tls-exporter,,'), data]).toString('base64')}`,
}

/** RFC 5802 §6. */
test.each([
  ['off', 'data', data, n, []],
  ['off', 'null', null, n, []],
  ['off', 'nothing', undefined, n, []],
  ['off', 'no connection', 'absent', n, []],
  ['prefer', 'data', data, y, [type]],
  ['prefer', 'null', null, y, [type]],
  ['prefer', 'nothing', undefined, n, [type]],
  ['prefer', 'no connection', 'absent', n, []],
  ['require', 'data', data, p, [type]],
] as const)('%s with %s', (policy, _, seen, expected, asked) => {
  expect(binding(policy, seen)).toEqual({ ...expected, asked })
})

test.each([
  ['nothing', undefined, 'CHANNEL_BINDING_UNSEEN'],
  ['no connection', 'absent', 'CHANNEL_BINDING_UNSEEN'],
  ['null', null, 'CHANNEL_BINDING_UNAVAILABLE'],
] as const)('require with %s ends the login', async (_, seen, code) => {
  expect((await errorOf(() => binding('require', seen))).code).toBe(code)
})

test('the error names the type that the connection does not have', async () => {
  expect((await errorOf(() => binding('require', null))).message).toContain('of the type tls-exporter.')
})

test.each([
  ['off', 'n', Buffer.alloc(0)],
  ['prefer', 'y', Buffer.alloc(0)],
  ['require', 'p=tls-exporter', data],
] as const)('%s keeps the authorization id in the header', (policy, flag, bound) => {
  const gs2Header = `${flag},a=zoë=2C,`
  const attribute = `c=${Buffer.concat([Buffer.from(gs2Header), bound]).toString('base64')}`
  expect(binding(policy, data, { authorizationId: 'zoë,' })).toMatchObject({ gs2Header, attribute })
})

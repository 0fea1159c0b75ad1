import { recordOf } from '@x/auth-core/base'
import {
  type AssumeRoleOptions,
  explainRefusal,
  keyspaces,
  profileRegion,
  type SigV4AuthOptions,
  SigV4AuthProvider,
  sigV4,
} from '../src/index.js'
import { Environment } from './support/environment.js'
import { answerTo, failureOf, nonce } from './support/exchange.js'
import { ManualClock } from './support/manual-clock.js'

const keys = { accessKeyId: 'UserID-1', secretAccessKey: 'UserSecretKey-1' }
const role: AssumeRoleOptions = { roleArn: 'arn:aws:iam::123456789012:role/app' }

let environment: Environment
beforeEach(() => {
  environment = new Environment()
})
afterEach(() => environment.restore())

/** Options that do not compile. */
const misspelt = (options: object) => options as never

const codeOf = async (options: unknown) =>
  (await failureOf(() => new SigV4AuthProvider(options as SigV4AuthOptions))).code

describe('options that contradict are refused at construction', () => {
  const source = async () => keys
  test.each<[string, object]>([
    ['keys and a source', { ...keys, credentials: source }],
    ['keys and credentials', { ...keys, credentials: keys }],
    ['keys and a profile', { ...keys, profile: 'dev' }],
    ['a source and a profile', { credentials: source, profile: 'dev' }],
    ['region and endpoint', { region: 'us-east-1', endpoint: 'cassandra.us-west-2.amazonaws.com' }],
    [
      'region and VPC endpoint',
      { region: 'us-east-1', endpoint: 'vpce-1a2b-3c4d.cassandra.us-west-2.vpce.amazonaws.com' },
    ],
  ])('%s', async (_, options) => {
    expect(await codeOf({ region: 'us-east-1', ...options })).toBe('OPTIONS_CONTRADICT')
  })

  test.each<[string, object]>([
    ['a key without its secret', { accessKeyId: 'A' }],
    ['a secret without its key', { secretAccessKey: 's' }],
    ['a token alone', { sessionToken: 't' }],
    ['a token beside a profile', { profile: 'dev', sessionToken: 't' }],
    ['an unknown option', { aws_access_key_id: 'A' }],
    ['credentials as text', { credentials: 'AKIA' }],
    ['credentials as null', { credentials: null }],
    ['an empty profile', { profile: '' }],
    ['a region that is none', { region: 'us east 1' }],
    ['a region with a line break', { region: 'us-east-1\n' }],
    ['an empty region', { region: '' }],
    ['a region that names a FIPS endpoint', { region: 'us-east-1-fips' }],
    ['an endpoint as URL', { endpoint: 'https://cassandra.us-east-1.amazonaws.com' }],
    ['an endpoint with a port that is none', { endpoint: 'cassandra.us-east-1.amazonaws.com:0' }],
    ['no role', { assumeRole: [] }],
    ['a role without an ARN', { assumeRole: {} }],
    ['a role that is a text', { assumeRole: 'arn:aws:iam::123456789012:role/app' }],
    ['an ARN that is not a role', { assumeRole: { roleArn: 'arn:aws:iam::123456789012:user/me' } }],
    ['an unknown parameter of a role', { assumeRole: { ...role, RoleArn: 'x' } }],
    ['a session name with a blank', { assumeRole: { ...role, roleSessionName: 'my app' } }],
    ['a session of ten minutes', { assumeRole: { ...role, durationSeconds: 600 } }],
    ['a chained session of two hours', { assumeRole: [role, { ...role, durationSeconds: 7_200 }] }],
    ['an MFA device and nobody to ask', { assumeRole: { ...role, serialNumber: 'arn:aws:iam::1:mfa/me' } }],
    ['an impossible deadline', { ...keys, deadlineMs: -1 }],
    ['an impossible cache', { cache: { refreshAheadMs: -1 } }],
    ['a cache with a clock of its own', { cache: { clock: new ManualClock() } }],
    ['an empty token', { ...keys, sessionToken: '' }],
    ['a token that is null', { ...keys, sessionToken: null }],
    ['a profile that is null', { profile: null }],
    ['no cache', { cache: null }],
    ['a role that is null', { assumeRole: [null] }],
    ['a list with a hole', { assumeRole: [role, undefined] }],
    ['tags that are none', { assumeRole: { ...role, tags: [{ Key: 'team' }] } }],
    ['a client of STS that is none', { assumeRole: { ...role, clientConfig: null } }],
  ])('%s', async (_, options) => {
    expect(await codeOf({ region: 'us-east-1', ...options })).toBe('OPTION_INVALID')
  })

  test.each<[string, () => unknown, string]>([
    ['SigV4AuthProvider', () => new SigV4AuthProvider(misspelt({ secretAccesKey: 's' })), 'secretAccessKey'],
    ['its cache', () => new SigV4AuthProvider(misspelt({ cache: { refreshAhead: 1 } })), 'refreshAheadMs'],
    ['its role', () => new SigV4AuthProvider(misspelt({ assumeRole: { rolearn: 'x' } })), 'roleArn'],
    ['keyspaces', () => keyspaces(misspelt({ useFipsEndpont: true })), 'useFipsEndpoint'],
    ['sigV4', () => sigV4(misspelt({ regions: 'us-east-1' })), 'region'],
    ['profileRegion', () => profileRegion(misspelt({ profil: 'dev' })), 'profile'],
    ['explainRefusal', () => explainRefusal(new Error(), misspelt({ nwo: 1 })), 'now'],
  ])('a misspelt option of %s is answered with the nearest one', async (_, call, meant) => {
    const error = await failureOf(call)
    expect(error.code).toBe('OPTION_INVALID')
    expect(error.message).toContain(`Did you mean ${meant}?`)
  })

  test.each([undefined, '', 'us east 1', 5, {}, null])(
    'a mechanism for the region %p is refused',
    async (region) => {
      expect((await failureOf(() => sigV4({ region: region as string }))).code).toBe('OPTION_INVALID')
    },
  )

  test('the mechanism takes one argument, and says what it is', async () => {
    const call = () => (sigV4 as (...given: unknown[]) => unknown)({ region: 'us-east-1' }, 'x')
    expect((await failureOf(call)).message).toContain('sigV4 takes')
    expect(sigV4({ region: 'us-east-1' })).toMatchObject({
      clientFirst: true,
      mutual: false,
      cleartext: false,
    })
  })

  test('the options may be an instance of a class', async () => {
    class Configuration {
      readonly region = 'us-east-1'
      get accessKeyId() {
        return 'AKIACLASS'
      }
      get secretAccessKey() {
        return 's'
      }
    }
    expect(await answerTo(new SigV4AuthProvider(new Configuration()))).toContain('access_key=AKIACLASS')
  })

  test('credentials of the wrong form, also below a role', async () => {
    expect(await codeOf({ region: 'us-east-1', credentials: {} })).toBe('CREDENTIALS_INVALID')
    expect(await codeOf({ region: 'us-east-1', ...keys, secretAccessKey: 'a b', assumeRole: role })).toBe(
      'CREDENTIALS_INVALID',
    )
  })
})

describe('the region', () => {
  const signedFor = async (options: SigV4AuthOptions) => {
    const clock = new ManualClock()
    const answer = await answerTo(new SigV4AuthProvider({ ...options, ...keys, clock }))
    const regions = ['us-east-1', 'us-west-2', 'eu-west-1', 'EU-WEST-1', 'ap-south-1', 'sa-east-1']
    for (const region of regions) {
      if (answer === (await answerTo(new SigV4AuthProvider({ region, ...keys, clock })))) return region
    }
    return 'none of them'
  }

  test('is looked for in the documented order', async () => {
    environment.write('.aws/config', '[default]\nregion = sa-east-1\n[profile other]\nregion = ap-south-1\n')
    expect(await signedFor({})).toBe('sa-east-1')
    environment.set({ AWS_PROFILE: 'other' })
    expect(await signedFor({})).toBe('ap-south-1')
    environment.set({ AWS_DEFAULT_REGION: 'us-west-2' })
    expect(await signedFor({})).toBe('us-west-2')
    environment.set({ AWS_REGION: 'us-east-1' })
    expect(await signedFor({})).toBe('us-east-1')
    expect(await signedFor({ endpoint: 'cassandra.eu-west-1.amazonaws.com:9142' })).toBe('eu-west-1')
    expect(await signedFor({ region: 'us-west-2' })).toBe('us-west-2')
    expect(await signedFor({ endpoint: 'keyspaces.internal.example.com' })).toBe('us-east-1')
  })

  test('is signed in the case that it is given in', async () => {
    expect(await signedFor({ region: 'EU-WEST-1' })).toBe('EU-WEST-1')
    expect(await signedFor({ region: 'EU-WEST-1', endpoint: 'Cassandra.eu-west-1.AmazonAWS.com' })).toBe(
      'EU-WEST-1',
    )
  })

  test('that nobody names is missed at construction where no file can name it', async () => {
    expect(await codeOf(keys)).toBe('REGION_NOT_CONFIGURED')
  })

  test('that only a file can name is missed at the login, and found as soon as it is there', async () => {
    environment.write('.aws/config', '[default]\noutput = json\n')
    const provider = new SigV4AuthProvider(keys)
    expect(await failureOf(() => answerTo(provider))).toMatchObject({
      code: 'REGION_NOT_CONFIGURED',
      fault: 'config',
    })
    environment.write('.aws/config', '[default]\nregion = us-east-1\n')
    await expect(answerTo(provider)).resolves.toContain('signature=')
  })

  test('is missed before a credential is fetched', async () => {
    environment.write('.aws/config', '')
    let asked = 0
    const credentials = async () => {
      asked++
      return keys
    }
    const error = await failureOf(() => answerTo(new SigV4AuthProvider({ credentials })))
    expect(error.code).toBe('REGION_NOT_CONFIGURED')
    expect(asked).toBe(0)
  })

  test('of the environment is checked like that of an option', async () => {
    environment.set({ AWS_REGION: 'us_east_1' })
    expect(await codeOf(keys)).toBe('OPTION_INVALID')
  })

  test('of the credentials file comes before that of the configuration file', async () => {
    environment.write('.aws/config', '[profile dev]\nregion = us-east-1\n')
    environment.write('.aws/credentials', '[dev]\nregion = us-west-2\n')
    expect(await profileRegion({ profile: 'dev' })).toBe('us-west-2')
    expect(await failureOf(() => profileRegion({ profile: 'nobody' }))).toMatchObject({
      code: 'REGION_NOT_CONFIGURED',
    })
  })

  test('files can be elsewhere', async () => {
    const config = environment.write('elsewhere/config', '[default]\nregion = eu-west-1\n')
    environment.set({ AWS_CONFIG_FILE: config })
    expect(await signedFor({})).toBe('eu-west-1')
  })
})

test('the record says what kind of provider it is', () => {
  const provider = new SigV4AuthProvider({ region: 'us-east-1', ...keys })
  expect(recordOf(provider)).toMatchObject({
    provider: 'SigV4AuthProvider',
    mechanisms: ['SigV4'],
    cleartext: false,
    mutual: false,
  })
  expect(provider.status()).toBeUndefined()
})

test('changing the options afterwards changes nothing', async () => {
  const clock = new ManualClock()
  const credentials = { ...keys }
  const roles: AssumeRoleOptions[] = [role]
  const provider = new SigV4AuthProvider({ region: 'us-east-1', credentials, clock })
  const assuming = new SigV4AuthProvider({ region: 'us-east-1', credentials, assumeRole: roles, clock })
  const before = await answerTo(provider)
  credentials.secretAccessKey = 'other'
  roles.length = 0
  expect(await answerTo(provider)).toBe(before)
  expect(assuming.status()).toMatchObject({ fetches: 0 })
  expect(nonce).toHaveLength(32)
})

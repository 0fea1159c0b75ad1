import { createHash } from 'node:crypto'
import {
  type Account,
  type MechanismSubject,
  type MechanismVector,
  mechanismSuite,
  type ProviderScenario,
  type ProviderSubject,
  providerSuite,
} from '@x/auth-conformance'
import { SigV4KeyStore, type SigV4Session, sigV4Authenticator } from '@x/auth-testserver'
import { type SigV4AuthOptions, SigV4AuthProvider, sigV4 } from '../src/index.js'
import { FakeAws } from './support/aws.js'
import { Environment } from './support/environment.js'
import { casesOf, type LoginCase } from './support/vectors.js'

const region = 'us-east-1'
const startUrl = 'https://example.awsapps.com/start'

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** What each account gets from whatever plays AWS for it. */
const sessions = new Map<string, SigV4Session>()
const environment = new Environment()
/** Not there yet while the suite looks at its subjects; it logs in later. */
let aws: FakeAws | undefined
const awsUrl = () => aws?.url ?? 'http://127.0.0.1:1'

beforeAll(async () => {
  aws = await FakeAws.start(new SigV4KeyStore())
  aws.sessionOf = (name) => sessions.get(name)
  environment.set({ AWS_ENDPOINT_URL_STS: aws.url, AWS_ENDPOINT_URL_SSO: aws.url })
  // Of SSO, what `aws sso login` leaves behind.
  const cache = createHash('sha1').update(startUrl).digest('hex')
  const token = { accessToken: 'sso-token', expiresAt: new Date(Date.now() + 3_600_000).toISOString() }
  environment.write(`.aws/sso/cache/${cache}.json`, JSON.stringify(token))
})
afterAll(async () => {
  environment.restore()
  await aws?.stop()
})
// A way that speaks through the environment leaves it as it was.
afterEach(() => {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_') && !name.startsWith('AWS_ENDPOINT_URL_')) delete process.env[name]
  }
  environment.set({ AWS_EC2_METADATA_DISABLED: 'true' })
})

const keys: ProviderSubject<Keys> = {
  kind: 'provider',
  name: 'SigV4AuthProvider with keys',
  traits: {
    credentials: 'value',
    messages: 2,
    cleartext: false,
    authenticators: true,
  },
  account(label) {
    const credentials = { accessKeyId: `AKIA${label}`, secretAccessKey: `secret+${label}/=` }
    return { username: `user-${label}`, credentials, secrets: [credentials.secretAccessKey] }
  },
  server: (accounts) => {
    const known = accounts.map(({ username, credentials }) => ({ ...credentials, principal: username }))
    return sigV4Authenticator({ keys: new SigV4KeyStore(known), region })
  },
  create: ({ credentials, ...options }) =>
    new SigV4AuthProvider({ region, ...(credentials as Keys), ...options }),
}

const source: ProviderSubject<Keys> = {
  ...keys,
  name: 'SigV4AuthProvider with a source',
  traits: { ...keys.traits, credentials: 'shared', expiry: true },
  create: (options) => new SigV4AuthProvider({ region, ...options }),
}

/** Temporary credentials: the token crosses the wire, the secret does not. */
function withSession(
  name: string,
  optionsOf: (account: SigV4Session) => SigV4AuthOptions,
): ProviderSubject<Keys> {
  return {
    ...keys,
    name: `SigV4AuthProvider with ${name}`,
    account,
    create: ({ credentials, ...options }: ProviderScenario<Keys>) => {
      const session = sessionBehind(credentials as Keys)
      return new SigV4AuthProvider({ region, ...optionsOf(session), ...options })
    },
  }
}

function account(label: string): Account<Keys> {
  const credentials = {
    accessKeyId: `ASIA${label}`,
    secretAccessKey: `secret+${label}/=`,
    sessionToken: `token/${label}+==`,
  }
  const principal = `user-${label}`
  sessions.set(principal, { ...credentials, principal, expiration: new Date(Date.now() + 3_600_000) })
  return { username: principal, credentials, secrets: [credentials.secretAccessKey] }
}

function sessionBehind({ accessKeyId }: Keys): SigV4Session {
  const session = [...sessions.values()].find((each) => each.accessKeyId === accessKeyId)
  if (!session) throw new Error('no such account')
  return session
}

/** Each account has a profile of its own, named after it. */
function profileOf({ principal }: SigV4Session, lines: readonly string[]): SigV4AuthOptions {
  profiles.set(principal, lines)
  const sections = [...profiles].map(([name, each]) => [`[profile ${name}]`, ...each].join('\n'))
  environment.write('.aws/config', sections.join('\n\n'))
  return { profile: principal }
}
const profiles = new Map<string, readonly string[]>([
  ['base', ['aws_access_key_id=AKIABASE', 'aws_secret_access_key=base']],
])

const roleArn = (name: string) => `arn:aws:iam::123456789012:role/${name}`

const ways: ProviderSubject<Keys>[] = [
  keys,
  source,
  withSession('a session', ({ accessKeyId, secretAccessKey, sessionToken }) => ({
    accessKeyId,
    secretAccessKey,
    sessionToken,
  })),
  withSession('a role', ({ principal }) => ({
    accessKeyId: 'AKIABASE',
    secretAccessKey: 'base',
    assumeRole: { roleArn: roleArn(principal) },
  })),
  withSession('a chain of roles', ({ principal }) => ({
    accessKeyId: 'AKIABASE',
    secretAccessKey: 'base',
    assumeRole: [{ roleArn: roleArn('first') }, { roleArn: roleArn(principal) }],
  })),
  withSession('keys of a profile', (session) =>
    profileOf(session, [
      `aws_access_key_id=${session.accessKeyId}`,
      `aws_secret_access_key=${session.secretAccessKey}`,
      `aws_session_token=${session.sessionToken}`,
    ]),
  ),
  withSession('a role of a profile', (session) =>
    profileOf(session, [`role_arn=${roleArn(session.principal)}`, 'source_profile=base']),
  ),
  withSession('SSO', (session) =>
    profileOf(session, [
      `sso_start_url=${startUrl}`,
      'sso_account_id=123456789012',
      'sso_region=eu-west-1',
      `sso_role_name=${session.principal}`,
    ]),
  ),
  withSession('credential_process', (session) => {
    const answer = environment.write(
      `process-${session.principal}.json`,
      JSON.stringify(processAnswer(session)),
    )
    // A start of Node.js would measure the machine: some clauses log in dozens of times.
    return profileOf(session, [`credential_process=cat '${answer}'`])
  }),
  withSession('the environment', ({ accessKeyId, secretAccessKey, sessionToken }) => {
    environment.set({
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    })
    return {}
  }),
  withSession('web identity', ({ principal }) => {
    environment.set({
      AWS_WEB_IDENTITY_TOKEN_FILE: environment.write('web-identity-token', 'a.b.c'),
      AWS_ROLE_ARN: roleArn(principal),
    })
    return {}
  }),
  withSession('a container', ({ principal }) => {
    environment.set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${awsUrl()}/container/${principal}` })
    return {}
  }),
  withSession('the metadata of an instance', ({ principal }) => {
    if (aws) aws.instanceRole = principal
    environment.set({ AWS_EC2_METADATA_DISABLED: undefined, AWS_EC2_METADATA_SERVICE_ENDPOINT: awsUrl() })
    return {}
  }),
]

function processAnswer({ accessKeyId, secretAccessKey, sessionToken, expiration }: SigV4Session) {
  return {
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: expiration.toISOString(),
  }
}

for (const way of ways) providerSuite(way, { describe, test })

const mechanism: MechanismSubject = {
  kind: 'mechanism',
  name: 'sigV4 with keys',
  mechanism: sigV4({ region }) as MechanismSubject['mechanism'],
  account: keys.account,
  // The suite's logins take place at the beginning of 1970, unless a vector says otherwise.
  server: (accounts) => {
    const known = accounts.map(({ username, credentials }) => ({
      ...(credentials as Keys),
      principal: username,
    }))
    return sigV4Authenticator({ keys: new SigV4KeyStore(known), region, now: () => 0 })
  },
  vectors: casesOf<LoginCase>('sigv4-login')
    .filter((each) => each.region === region)
    .map(knownLogin),
}

function knownLogin({ name, credentials, time, challenge, response }: LoginCase): MechanismVector {
  const hex = (text: string) => Buffer.from(text).toString('hex')
  return {
    name,
    credentials,
    now: Date.parse(time),
    messages: [
      { from: 'client', hex: hex('SigV4\0\0') },
      { from: 'server', hex: hex(challenge) },
      { from: 'client', hex: hex(response) },
    ],
  }
}

mechanismSuite(mechanism, { describe, test })
mechanismSuite({ ...mechanism, name: 'sigV4 with a session', account }, { describe, test })

import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { Secret } from '@x/auth-core'
import { SigV4KeyStore } from '@x/auth-testserver'
import { type AwsCredentialContext, type SigV4AuthOptions, SigV4AuthProvider } from '../src/index.js'
import { FakeAws } from './support/aws.js'
import { Environment } from './support/environment.js'
import { answerTo, failureOf, fieldsOf } from './support/exchange.js'
import { ManualClock } from './support/manual-clock.js'

const region = 'eu-central-1'
const fixed = { accessKeyId: 'AKIAFIXED', secretAccessKey: 'fixed-secret' }

let environment: Environment
let keys: SigV4KeyStore
let aws: FakeAws

beforeEach(async () => {
  environment = new Environment()
  keys = new SigV4KeyStore()
  aws = await FakeAws.start(keys)
  environment.set({
    AWS_ENDPOINT_URL_STS: aws.url,
    AWS_ENDPOINT_URL_SSO: aws.url,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.url,
    AWS_MAX_ATTEMPTS: '1',
  })
})
afterEach(async () => {
  environment.restore()
  await aws.stop()
})

/** Who logs in with a provider: the name in the store of keys behind the fake AWS, or the access key. */
async function whoIs(options: SigV4AuthOptions): Promise<string> {
  const accessKeyId =
    fieldsOf(await answerTo(new SigV4AuthProvider({ region, ...options })))['access_key'] ?? ''
  return keys.find(accessKeyId)?.principal?.split('/')[1] ?? accessKeyId
}

/** A command that prints a file. */
const print = (file: string) => `${JSON.stringify(process.execPath)} -p "fs.readFileSync('${file}','utf8')"`

describe('the default chain', () => {
  test('environment', async () => {
    environment.set({
      AWS_ACCESS_KEY_ID: 'AKIAENV',
      AWS_SECRET_ACCESS_KEY: 's',
      AWS_SESSION_TOKEN: 'tok/en==',
    })
    const fields = fieldsOf(await answerTo(new SigV4AuthProvider({ region })))
    expect(fields).toMatchObject({ access_key: 'AKIAENV', session_token: 'tok/en==' })
  })

  test('environment with an expiry that is past: not sent', async () => {
    environment.set({
      AWS_ACCESS_KEY_ID: 'A',
      AWS_SECRET_ACCESS_KEY: 's',
      AWS_CREDENTIAL_EXPIRATION: '2020-01-01',
    })
    const error = await failureOf(() => answerTo(new SigV4AuthProvider({ region })))
    expect(error.code).toBe('CREDENTIALS_EXPIRED')
  })

  test('profile, read again: keys that were rotated in the file', async () => {
    const write = (key: string) =>
      environment.write('.aws/credentials', `[default]\naws_access_key_id=${key}\naws_secret_access_key=s\n`)
    write('AKIAOLD')
    expect(await whoIs({})).toBe('AKIAOLD')
    write('AKIANEW')
    expect(await whoIs({})).toBe('AKIANEW')
  })

  test('profile by AWS_PROFILE', async () => {
    environment.write('.aws/credentials', '[dev]\naws_access_key_id=AKIADEV\naws_secret_access_key=s\n')
    environment.set({ AWS_PROFILE: 'dev' })
    expect(await whoIs({})).toBe('AKIADEV')
  })

  test('SSO by file', async () => {
    environment.write(
      '.aws/config',
      '[default]\nsso_start_url=https://example.awsapps.com/start\nsso_account_id=123456789012\nsso_region=eu-west-1\nsso_role_name=reader\n',
    )
    // The file is named after the SHA-1 of the start URL.
    const token = { accessToken: 'sso-token', expiresAt: new Date(Date.now() + 3_600_000).toISOString() }
    environment.write('.aws/sso/cache/e8be5486177c5b5392bd9aa76563515b29358e6e.json', JSON.stringify(token))
    expect(await whoIs({})).toBe('reader')
    expect(aws.requests[0]?.headers['x-amz-sso_bearer_token']).toBe('sso-token')
  })

  test('SSO by file, with a session section as `aws configure sso` writes it', async () => {
    environment.write(
      '.aws/config',
      '[sso-session corp]\nsso_start_url=https://example.awsapps.com/start\nsso_region=eu-west-1\n[default]\nsso_session=corp\nsso_account_id=123456789012\nsso_role_name=writer\n',
    )
    // Here the file is named after the SHA-1 of the session.
    const name = createHash('sha1').update('corp').digest('hex')
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    environment.write(
      `.aws/sso/cache/${name}.json`,
      JSON.stringify({ accessToken: 'session-token', expiresAt }),
    )
    expect(await whoIs({})).toBe('writer')
    expect(aws.requests[0]?.headers['x-amz-sso_bearer_token']).toBe('session-token')
  })

  test('SSO whose session has expired: the reason is in the error, and the chain stops', async () => {
    environment.write(
      '.aws/config',
      '[default]\nsso_start_url=https://example.awsapps.com/start\nsso_account_id=123456789012\nsso_region=eu-west-1\nsso_role_name=reader\n',
    )
    const error = await failureOf(() => answerTo(new SigV4AuthProvider({ region })))
    expect(error).toMatchObject({ code: 'SOURCE_FAILED', fault: 'credentials' })
    expect(error.details['profile']).toMatch(/SSO session .* is invalid/)
  })

  test('web identity by file', async () => {
    const file = environment.write('token', 'header.payload.signature')
    environment.set({
      AWS_WEB_IDENTITY_TOKEN_FILE: file,
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/pod',
      AWS_ROLE_SESSION_NAME: 'my-pod',
    })
    expect(await whoIs({})).toBe('pod')
    expect(Object.fromEntries(aws.requests[0]?.form ?? [])).toMatchObject({
      Action: 'AssumeRoleWithWebIdentity',
      WebIdentityToken: 'header.payload.signature',
      RoleSessionName: 'my-pod',
    })
  })

  test('credential_process', async () => {
    const session = keys.issue({ principal: 'arn:aws:sts::1:assumed-role/process/x' })
    const file = environment.write('answer.json', JSON.stringify({ Version: 1, ...upper(session) }))
    environment.write('.aws/config', `[default]\ncredential_process = ${print(file)}\n`)
    expect(await whoIs({})).toBe('process')
  })

  test('container, with the token of EKS Pod Identity from a file', async () => {
    const file = environment.write('pod-token', 'pod-identity-token')
    environment.set({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/container/task-role`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
    })
    expect(await whoIs({})).toBe('task-role')
    expect(aws.requests[0]?.headers.authorization).toBe('pod-identity-token')
  })

  test('instance metadata, version 2', async () => {
    environment.set({ AWS_EC2_METADATA_DISABLED: undefined })
    expect(await whoIs({})).toBe('instance')
    expect(aws.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'PUT /latest/api/token',
      'GET /latest/meta-data/iam/security-credentials/',
      'GET /latest/meta-data/iam/security-credentials/instance-role',
    ])
    expect(aws.requests[2]?.headers['x-aws-ec2-metadata-token']).toBe('imds-token')
  })

  test('a role of a profile, by a source profile: assumed in the region of the login', async () => {
    environment.write(
      '.aws/config',
      '[profile app]\nrole_arn=arn:aws:iam::123456789012:role/from-profile\nsource_profile=base\nexternal_id=x1\n',
    )
    environment.write('.aws/credentials', '[base]\naws_access_key_id=AKIABASE\naws_secret_access_key=s\n')
    environment.set({ AWS_PROFILE: 'app' })
    expect(await whoIs({})).toBe('from-profile')
    expect(aws.requests[0]).toMatchObject({ signedBy: 'AKIABASE', region })
    expect(aws.requests[0]?.form.get('ExternalId')).toBe('x1')
  })

  test('with nothing anywhere: the reason of each link', async () => {
    const error = await failureOf(() => answerTo(new SigV4AuthProvider({ region })))
    expect(error).toMatchObject({ code: 'CREDENTIALS_NOT_CONFIGURED', fault: 'credentials' })
    expect(error.details).toMatchObject({
      environment: expect.stringMatching(/environment variable/),
      SSO: expect.stringMatching(/SSO/),
      profile: expect.stringMatching(/profile: \[default\]/),
      process: expect.stringMatching(/default/),
      webIdentity: expect.stringMatching(/Web identity/),
      'container or instance': expect.stringMatching(/disabled/),
    })
    for (const reason of Object.values(error.details).slice(0, 6)) {
      expect(error.message).toContain(reason.replace(/\.$/, ''))
    }
  })

  test('a container endpoint that is down: bounded, and named', async () => {
    aws.behaviour = 'down'
    environment.set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/container` })
    const error = await failureOf(() => answerTo(new SigV4AuthProvider({ region })))
    expect(error).toMatchObject({ code: 'SOURCE_FAILED', fault: 'credentials' })
    expect(error.details['container or instance']).toMatch(/503/)
    expect(error.message).toMatch(/configured here: container/)
  })

  describe('"not configured" is what this machine says, never what somebody answers', () => {
    const codeNow = async () =>
      (await failureOf(() => answerTo(new SigV4AuthProvider({ region, deadlineMs: 20_000 })))).code
    const nowhere = 'http://127.0.0.1:1'

    test.each<[string, () => Record<string, string | undefined>]>([
      ['a container endpoint that is not there', () => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: nowhere })],
      [
        'a pod identity whose token file is missing',
        () => ({
          AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/container`,
          AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/nowhere/token',
        }),
      ],
      ['an access key without its secret', () => ({ AWS_ACCESS_KEY_ID: 'AKIA' })],
      [
        'a web identity without a role',
        () => ({ AWS_WEB_IDENTITY_TOKEN_FILE: environment.write('token', 'a.b.c') }),
      ],
    ])('%s has failed', async (_, variables) => {
      environment.set(variables())
      expect(await codeNow()).toBe('SOURCE_FAILED')
    })

    test.each<[string, string]>([
      ['half a key', 'aws_access_key_id=AKIA'],
      ['a role without a source', 'role_arn=arn:aws:iam::123456789012:role/x'],
      ['a process that says what an unconfigured chain says', 'credential_process=echo'],
    ])('a profile with %s has failed', async (_, line) => {
      environment.write('.aws/config', `[default]\n${line}\n`)
      expect(await codeNow()).toBe('SOURCE_FAILED')
      const byName = await failureOf(() => answerTo(new SigV4AuthProvider({ region, profile: 'default' })))
      expect(byName.code).toBe('SOURCE_FAILED')
    })

    test.each([
      'Could not load credentials from any providers',
      'Could not resolve credentials using profile: [default]',
    ])('a service that says "%s" has failed', async (text) => {
      aws.refuse = () => text
      environment.set({
        AWS_WEB_IDENTITY_TOKEN_FILE: environment.write('token', 'a.b.c'),
        AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/pod',
      })
      expect(await codeNow()).toBe('SOURCE_FAILED')
      environment.set({ AWS_WEB_IDENTITY_TOKEN_FILE: undefined, AWS_ROLE_ARN: undefined })
      environment.write(
        '.aws/config',
        `[default]\nweb_identity_token_file=${environment.write('token', 'a.b.c')}\nrole_arn=arn:aws:iam::123456789012:role/x\n`,
      )
      const byName = await failureOf(() => answerTo(new SigV4AuthProvider({ region, profile: 'default' })))
      expect(byName.code).toBe('SOURCE_FAILED')
    })

    test('a profile without a word about credentials is not configured', async () => {
      environment.write('.aws/config', '[default]\nregion=eu-west-1\noutput=json\n')
      expect(await codeNow()).toBe('CREDENTIALS_NOT_CONFIGURED')
      const byName = await failureOf(() => answerTo(new SigV4AuthProvider({ region, profile: 'default' })))
      expect(byName.code).toBe('CREDENTIALS_NOT_CONFIGURED')
    })

    test('an instance: no role is not configured; trouble, or a role that is gone, has failed', async () => {
      environment.set({ AWS_EC2_METADATA_DISABLED: undefined })
      aws.behaviour = { status: 404, body: 'Not Found' }
      expect(await codeNow()).toBe('CREDENTIALS_NOT_CONFIGURED')
      aws.behaviour = 'down'
      expect(await codeNow()).toBe('SOURCE_FAILED')

      aws.behaviour = 'answer'
      aws.lifetimeMs = 900_000
      const clock = new ManualClock()
      aws.now = () => clock.now()
      const provider = new SigV4AuthProvider({ region, clock })
      await answerTo(provider)
      environment.set({ AWS_EC2_METADATA_SERVICE_ENDPOINT: nowhere })
      clock.advance(900_001)
      expect(await failureOf(() => answerTo(provider))).toMatchObject({ code: 'SOURCE_FAILED' })
    })
  })

  test('a machine without a role, and one that does not answer', async () => {
    environment.set({ AWS_EC2_METADATA_DISABLED: undefined })
    aws.behaviour = { status: 404, body: 'Not Found' }
    const unnamed = await failureOf(() => answerTo(new SigV4AuthProvider({ region })))
    expect(unnamed.details['container or instance']).toMatch(/Error response/)
    environment.set({ AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1' })
    const absent = await failureOf(() => answerTo(new SigV4AuthProvider({ region })))
    expect(absent.details['container or instance']).toMatch(/Unable to connect|ECONNREFUSED/)
  })

  test('a link that never answers: the login ends, says which link it was and what those before it said', async () => {
    aws.behaviour = 'silent'
    const file = environment.write('token', 'a.b.c')
    environment.set({ AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/pod' })
    const clock = new ManualClock()
    const provider = new SigV4AuthProvider({ region, clock, deadlineMs: 10_000 })
    const failure = failureOf(() => answerTo(provider))
    while (aws.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
    clock.advance(7_200)
    const error = await failure
    expect(error).toMatchObject({ code: 'SOURCE_TIMEOUT', fault: 'timeout' })
    expect(error.message).toMatch(/webIdentity/)
    expect(error.message).toMatch(/environment: /)
  })

  test('a secret in what a process prints or is given stays out of the error', async () => {
    const leak = 'hunter2-hunter2'
    const fail = `${JSON.stringify(process.execPath)} -e "console.error('${leak}');process.exit(3)" ${leak}`
    environment.write('.aws/config', `[default]\ncredential_process = ${fail}\n`)
    const error = await failureOf(() => answerTo(new SigV4AuthProvider({ region })))
    expect(JSON.stringify([error.message, error.stack, error.details, error.cause])).not.toContain(leak)
    expect(error.details['profile']).toMatch(/credential_process failed/)
  })
})

describe('a profile by name', () => {
  test('is that profile', async () => {
    environment.write('.aws/credentials', '[dev]\naws_access_key_id=AKIADEV\naws_secret_access_key=s\n')
    expect(await whoIs({ profile: 'dev' })).toBe('AKIADEV')
  })

  test('goes before keys in the environment', async () => {
    environment.set({ AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 's' })
    environment.write('.aws/credentials', '[dev]\naws_access_key_id=AKIADEV\naws_secret_access_key=s\n')
    expect(await whoIs({ profile: 'dev' })).toBe('AKIADEV')
  })

  test('that is not there never becomes the role of the machine', async () => {
    environment.set({
      AWS_EC2_METADATA_DISABLED: undefined,
      AWS_ACCESS_KEY_ID: 'A',
      AWS_SECRET_ACCESS_KEY: 's',
    })
    const error = await failureOf(() => answerTo(new SigV4AuthProvider({ region, profile: 'misspelt' })))
    expect(error).toMatchObject({ code: 'CREDENTIALS_NOT_CONFIGURED', details: { profile: 'misspelt' } })
    expect(aws.requests).toHaveLength(0)
  })

  test('may ask for an MFA code', async () => {
    environment.write(
      '.aws/config',
      '[profile app]\nrole_arn=arn:aws:iam::123456789012:role/with-mfa\nsource_profile=base\nmfa_serial=arn:aws:iam::1:mfa/me\n',
    )
    environment.write('.aws/credentials', '[base]\naws_access_key_id=AKIABASE\naws_secret_access_key=s\n')
    const mfaCodeProvider = async (serial: string) => (serial === 'arn:aws:iam::1:mfa/me' ? '123456' : '')
    expect(await whoIs({ profile: 'app', mfaCodeProvider })).toBe('with-mfa')
    expect(aws.requests[0]?.form.get('TokenCode')).toBe('123456')
    expect(await failureOf(() => whoIs({ profile: 'app' }))).toMatchObject({ code: 'SOURCE_FAILED' })
  })
})

describe('a source of the user', () => {
  test('gets the login, the region, and forceRefresh as the SDK wants it', async () => {
    let seen: AwsCredentialContext | undefined
    const credentials = async (context: AwsCredentialContext) => {
      seen = context
      return fixed
    }
    expect(await whoIs({ credentials })).toBe('AKIAFIXED')
    expect(seen).toMatchObject({ endpoint: '127.0.0.1:9142', port: 9142, forceRefresh: false })
    expect(await seen?.callerClientConfig.region()).toBe(region)
  })

  test('may be a credential provider of the SDK', async () => {
    const { fromIni } = await import('@aws-sdk/credential-provider-ini')
    environment.write('.aws/credentials', '[sdk]\naws_access_key_id=AKIASDK\naws_secret_access_key=s\n')
    expect(await whoIs({ credentials: fromIni({ profile: 'sdk' }) })).toBe('AKIASDK')
  })

  test('may be synchronous, and hold a Secret', async () => {
    expect(await whoIs({ credentials: () => ({ ...fixed, secretAccessKey: new Secret('s') }) })).toBe(
      'AKIAFIXED',
    )
  })

  test('that throws: its own reason, with the secret of no one', async () => {
    const credentials = () => {
      throw new Error('vault is sealed')
    }
    const error = await failureOf(() => answerTo(new SigV4AuthProvider({ region, credentials })))
    expect(error).toMatchObject({ code: 'SOURCE_FAILED' })
    expect(error.cause).toMatchObject({ message: expect.stringMatching(/vault is sealed/) })
  })

  test('that answers something else', async () => {
    const credentials = (async () => ({ username: 'x' })) as unknown as () => Promise<typeof fixed>
    expect(await failureOf(() => answerTo(new SigV4AuthProvider({ region, credentials })))).toMatchObject({
      code: 'CREDENTIALS_INVALID',
    })
  })
})

describe('assumeRole', () => {
  const roleArn = (name: string) => `arn:aws:iam::123456789012:role/${name}`

  test('sends the parameters under their names, signed by the base credentials', async () => {
    const assumeRole = {
      roleArn: roleArn('app'),
      roleSessionName: 'orders@eu',
      externalId: 'ext-1',
      durationSeconds: 900,
      policy: '{"Version":"2012-10-17"}',
      policyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnly' }],
      tags: [{ Key: 'team', Value: 'orders' }],
      transitiveTagKeys: ['team'],
      sourceIdentity: 'alice',
      serialNumber: 'arn:aws:iam::1:mfa/me',
    }
    expect(await whoIs({ ...fixed, assumeRole, mfaCodeProvider: async () => '654321' })).toBe('app')
    expect(aws.requests[0]).toMatchObject({ signedBy: 'AKIAFIXED', region })
    expect(Object.fromEntries(aws.requests[0]?.form ?? [])).toMatchObject({
      Action: 'AssumeRole',
      RoleArn: roleArn('app'),
      RoleSessionName: 'orders@eu',
      ExternalId: 'ext-1',
      DurationSeconds: '900',
      Policy: '{"Version":"2012-10-17"}',
      'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/ReadOnly',
      'Tags.member.1.Key': 'team',
      'TransitiveTagKeys.member.1': 'team',
      SourceIdentity: 'alice',
      SerialNumber: 'arn:aws:iam::1:mfa/me',
      TokenCode: '654321',
    })
  })

  test('a chain: each role is assumed with the credentials of the one before', async () => {
    const assumeRole = ['first', 'second', 'third'].map((name) => ({ roleArn: roleArn(name) }))
    expect(await whoIs({ ...fixed, assumeRole })).toBe('third')
    const signers = aws.requests.map(
      ({ signedBy = '' }) => keys.find(signedBy)?.principal?.split('/')[1] ?? signedBy,
    )
    expect(signers).toEqual(['AKIAFIXED', 'first', 'second'])
  })

  test.each<[string, () => SigV4AuthOptions]>([
    ['the default chain', () => ({})],
    ['a profile', () => ({ profile: 'default' })],
    ['a source', () => ({ credentials: async () => fixed })],
    ['credentials', () => ({ credentials: fixed })],
  ])('on top of %s', async (_, options) => {
    environment.write(
      '.aws/credentials',
      '[default]\naws_access_key_id=AKIAFIXED\naws_secret_access_key=fixed-secret\n',
    )
    expect(await whoIs({ ...options(), assumeRole: { roleArn: roleArn('app') } })).toBe('app')
    expect(aws.requests[0]?.signedBy).toBe('AKIAFIXED')
  })

  test('clientConfig reaches the STS client', async () => {
    environment.set({ AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' })
    const clientConfig = { endpoint: aws.url, region: 'us-east-2' }
    expect(await whoIs({ ...fixed, assumeRole: { roleArn: roleArn('app'), clientConfig } })).toBe('app')
    expect(aws.requests[0]?.region).toBe('us-east-2')
  })

  test.each<[string, (text: string) => string]>([
    ['unchanged', (text) => text],
    ['in hexadecimal', (text) => Buffer.from(text).toString('hex')],
    ['in pieces', (text) => text.replace(/.{6}/g, '$& ')],
    ['as the name of the error', (text) => `</Message><Code>${text}</Code><Message>`],
  ])(
    'refused by STS: the name of its error and the role, but not the request that it quotes %s',
    async (_, form) => {
      const session = keys.issue({ principal: 'arn:aws:sts::1:assumed-role/base/x' })
      let echo = ''
      aws.refuse = ({ headers }) => {
        echo = form(String(headers['x-amz-security-token']))
        return `User is not authorized to perform: sts:AssumeRole ${echo}`
      }
      const { accessKeyId, secretAccessKey, sessionToken } = session
      const base = { accessKeyId, secretAccessKey, sessionToken }
      const error = await failureOf(() => whoIs({ ...base, assumeRole: { roleArn: roleArn('app') } }))
      expect(error).toMatchObject({
        code: 'ASSUME_ROLE_FAILED',
        fault: 'credentials',
        details: { roleArn: roleArn('app'), status: '403' },
      })
      const shown = inspect(error, { showHidden: true }) + JSON.stringify(error)
      expect(echo.length).toBeGreaterThan(20)
      for (const part of echo.split(' ').filter((each) => each.length >= 6)) expect(shown).not.toContain(part)
      expect(shown).not.toContain(accessKeyId)
    },
  )

  test('refused by STS: which error it was', async () => {
    aws.refuse = () => 'User is not authorized to perform: sts:AssumeRole'
    const error = await failureOf(() => whoIs({ ...fixed, assumeRole: { roleArn: roleArn('app') } }))
    expect(error.details).toMatchObject({ error: 'AccessDenied', status: '403' })
    expect(error.message).toContain('AccessDenied (HTTP status 403)')
  })

  test('STS down', async () => {
    aws.behaviour = 'down'
    const error = await failureOf(() => whoIs({ ...fixed, assumeRole: { roleArn: roleArn('app') } }))
    expect(error).toMatchObject({ code: 'SOURCE_FAILED', details: { roleArn: roleArn('app') } })
  })

  test('STS not there', async () => {
    environment.set({ AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' })
    const error = await failureOf(() => whoIs({ ...fixed, assumeRole: { roleArn: roleArn('app') } }))
    expect(error).toMatchObject({ code: 'SOURCE_FAILED' })
    expect(error.message).toMatch(/ECONNREFUSED/)
  })

  test('STS that never answers: the login ends and says for which role it waited', async () => {
    aws.behaviour = 'silent'
    const clock = new ManualClock()
    const options = { region, ...fixed, clock, deadlineMs: 5_000, assumeRole: { roleArn: roleArn('slow') } }
    const failure = failureOf(() => answerTo(new SigV4AuthProvider(options)))
    while (aws.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
    clock.advance(3_600)
    expect(await failure).toMatchObject({
      code: 'SOURCE_TIMEOUT',
      message: expect.stringContaining(roleArn('slow')),
    })
  })
})

function upper({
  accessKeyId,
  secretAccessKey,
  sessionToken,
  expiration,
}: ReturnType<SigV4KeyStore['issue']>) {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: expiration.toISOString(),
  }
}

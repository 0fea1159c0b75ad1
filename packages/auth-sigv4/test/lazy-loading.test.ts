import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SigV4KeyStore } from '@x/auth-testserver'
import { FakeAws } from './support/aws.js'
import { Environment } from './support/environment.js'

const script = join(__dirname, 'support', 'loaded-packages.cjs')
const run = promisify(execFile)
const region = 'us-east-1'
const keys = { accessKeyId: 'A', secretAccessKey: 's' }

let environment: Environment
beforeEach(() => {
  environment = new Environment()
})
afterEach(() => environment.restore())

/** What a process has loaded once it has logged in that way: packages of AWS, and our own files. */
async function loadedBy(options: object | null): Promise<{ aws: string[]; ours: string[] }> {
  const { stdout } = await run(process.execPath, [script, JSON.stringify(options)], {
    env: process.env,
    timeout: 60_000,
  })
  return JSON.parse(stdout)
}

const credentialPackages = (packages: string[]) =>
  packages.filter((name) => /credential|sts|sso|clients|login/.test(name))

test('importing loads no AWS code, and of ours what every provider needs', async () => {
  const { aws, ours } = await loadedBy(null)
  expect(aws).toEqual([])
  expect(ours).toContain('auth-sigv4/src/sigv4-auth-provider.ts')
  expect(ours.filter((file) => /tls-profiles|sources\/|cache|exchange|sign(er|ing)\.ts/.test(file))).toEqual(
    [],
  )
  // Each file costs a fifth of a millisecond.
  expect(ours.length).toBeLessThan(36)
})

test('explicit keys load the derivation and no credential package', async () => {
  const { aws: packages } = await loadedBy({ region, ...keys })
  expect(packages).toContain('@smithy/signature-v4')
  expect(credentialPackages(packages)).toEqual([])
  expect(packages.filter((name) => name.startsWith('@aws-sdk/'))).toEqual([])
})

test('an environment alone loads the chain and its first link', async () => {
  environment.set({ AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 's' })
  expect(credentialPackages((await loadedBy({ region })).aws)).toEqual([
    '@aws-sdk/credential-provider-env',
    '@aws-sdk/credential-provider-node',
  ])
})

test('a profile with keys loads what reads profiles', async () => {
  environment.write('.aws/credentials', '[dev]\naws_access_key_id=A\naws_secret_access_key=s\n')
  expect(credentialPackages((await loadedBy({ region, profile: 'dev' })).aws)).toEqual([
    '@aws-sdk/credential-provider-ini',
  ])
})

test('a role on explicit keys loads STS, and no chain', async () => {
  const aws = await FakeAws.start(new SigV4KeyStore())
  environment.set({ AWS_ENDPOINT_URL_STS: aws.url })
  try {
    const assumeRole = { roleArn: 'arn:aws:iam::123456789012:role/app' }
    const packages = credentialPackages((await loadedBy({ region, ...keys, assumeRole })).aws)
    expect(packages).toContain('@aws-sdk/client-sts')
    expect(packages.filter((name) => /-(ini|sso|process|http|web-identity|imds|login)$/.test(name))).toEqual(
      [],
    )
  } finally {
    await aws.stop()
  }
})

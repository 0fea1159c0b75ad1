/**
 * The part of AWS that the examples need, on 127.0.0.1: Keyspaces (the embedded server, with a certificate for the name
 * of the real endpoint), STS, SSO and the container endpoint. They all share one store of keys.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  createCertificateAuthority,
  SigV4KeyStore,
  sigV4Authenticator,
  startTestServer,
} from '@x/auth-testserver'

export const region = 'eu-central-1'

/**
 * @param {(local: Local) => Promise<void>} check
 * @typedef {object} Local
 * @property {import('@x/auth-sigv4').KeyspacesOptions} options lead `keyspaces()` to this machine; on AWS they are not
 *   needed
 * @property {import('@x/auth-testserver').TestServer} server
 * @property {SigV4KeyStore} keys
 * @property {string} url of the endpoints of AWS
 * @property {import('node:http').IncomingMessage[]} requests that the endpoints received
 * @property {(path: string, content: string) => string} write a file below the home folder; returns its path
 */
export async function withLocalAws(check) {
  const keys = new SigV4KeyStore()
  const home = mkdtempSync(join(tmpdir(), 'keyspaces-'))
  const authority = await createCertificateAuthority()
  const { chainPem: cert, keyPem: key } = await authority.issue({
    names: [`cassandra.${region}.amazonaws.com`],
  })
  const server = await startTestServer({
    authenticator: sigV4Authenticator({ keys, region }),
    tls: { cert, key },
    localDataCenter: region,
  })
  const requests = []
  const http = createServer((request, response) => answer(keys, requests, request, response))
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${http.address().port}`
  forgetThisMachine(home, url)
  try {
    await check({
      options: {
        ca: authority.root.certPem,
        client: { ...server.clientOptions, pooling: { heartBeatInterval: 0 } },
      },
      server,
      keys,
      url,
      requests,
      write: (path, content) => write(join(home, path), content),
    })
  } finally {
    await server.stop()
    http.closeAllConnections()
    http.close()
    rmSync(home, { recursive: true, force: true })
  }
}

/** Hides the keys, profiles and roles of the person who runs the example. */
function forgetThisMachine(home, url) {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, {
    HOME: home,
    USERPROFILE: home,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_STS: url,
    AWS_ENDPOINT_URL_SSO: url,
  })
}

function write(file, content) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}

async function answer(keys, requests, request, response) {
  requests.push(request)
  let body = ''
  for await (const chunk of request) body += chunk
  const form = new URLSearchParams(body)
  const action = form.get('Action')
  const name = action ? form.get('RoleArn').split('/').pop() : request.url.split('/')[1]
  const session = keys.issue({ principal: `arn:aws:sts::123456789012:assumed-role/${name}/session` })
  if (action) return response.writeHead(200, { 'content-type': 'text/xml' }).end(xml(action, session))
  response.writeHead(200, { 'content-type': 'application/json' }).end(
    JSON.stringify({
      // SSO …
      roleCredentials: { ...session, expiration: session.expiration.getTime() },
      // … and the container endpoint.
      AccessKeyId: session.accessKeyId,
      SecretAccessKey: session.secretAccessKey,
      Token: session.sessionToken,
      Expiration: session.expiration.toISOString(),
    }),
  )
}

const xml = (action, session) => `<${action}Response><${action}Result><Credentials>
  <AccessKeyId>${session.accessKeyId}</AccessKeyId><SecretAccessKey>${session.secretAccessKey}</SecretAccessKey>
  <SessionToken>${session.sessionToken}</SessionToken><Expiration>${session.expiration.toISOString()}</Expiration>
  </Credentials></${action}Result></${action}Response>`

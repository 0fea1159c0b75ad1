import assert from 'node:assert/strict'
import { withLocalAws } from '../keyspaces-local/local.mjs'
import { start } from './app.mjs'

await withLocalAws(async ({ options, server, url, requests, write }) => {
  const principal = (role) => `arn:aws:sts::123456789012:assumed-role/${role}/session`

  // IAM roles for service accounts.
  process.env.AWS_WEB_IDENTITY_TOKEN_FILE = write('serviceaccount/token', 'header.payload.signature')
  process.env.AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/orders-pod'
  const irsa = await start(options)
  assert.equal(server.logins[0].username, principal('orders-pod'))
  await irsa.shutdown()

  // Pod Identity.
  delete process.env.AWS_WEB_IDENTITY_TOKEN_FILE
  delete process.env.AWS_ROLE_ARN
  process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = `${url}/pod/credentials`
  process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = write('eks-pod-identity-token', 'pod-token')
  server.clear()
  const podIdentity = await start(options)
  assert.equal(server.logins[0].username, principal('pod'))
  assert.equal(requests.at(-1).headers.authorization, 'pod-token')
  await podIdentity.shutdown()
})

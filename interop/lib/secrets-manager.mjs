/** Calls AWS Secrets Manager like an operator, without the SDK that is under test. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'

export const region = 'eu-central-1'

const scope = `AKIAOPERATOR/20260101/${region}/secretsmanager/aws4_request`

/** Rejects if the service refuses. @param {string} url @param {string} action @param {object} body */
export async function callSecretsManager(url, action, body) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `secretsmanager.${action}`,
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  })
  assert.equal(response.status, 200, await response.text())
}

/** The part of the service that `GetSecretValue` needs, in this process: one secret that changes. @param {string} secretId */
export async function startSecretsManager(secretId) {
  let text = '{}'
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const isAsked = request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue'
    const { SecretId } = JSON.parse(Buffer.concat(chunks).toString() || '{}')
    const isThere = isAsked && SecretId === secretId
    response.statusCode = isThere ? 200 : 400
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    response.end(
      JSON.stringify(
        isThere
          ? { Name: secretId, SecretString: text, VersionStages: ['AWSCURRENT'] }
          : { __type: isAsked ? 'ResourceNotFoundException' : 'UnknownOperationException' },
      ),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    address: `http://127.0.0.1:${port}`,
    /** @param {object} fields */
    put(fields) {
      text = JSON.stringify(fields)
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

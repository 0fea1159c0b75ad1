/** AWS Secrets Manager as an operator calls it, apart from the SDK that is under test. */
import assert from 'node:assert/strict'

export const region = 'eu-central-1'

const scope = `AKIAOPERATOR/20260101/${region}/secretsmanager/aws4_request`

/** Fails unless the service does it. @param {string} url @param {string} action @param {object} body */
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

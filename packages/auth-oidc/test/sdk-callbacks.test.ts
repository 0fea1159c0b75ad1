/**
 * The callbacks of the README, checked against the types of the SDKs. The objects that replace an SDK here have its
 * shape.
 */
import { runInNewContext } from 'node:vm'
import type { GetWebIdentityTokenCommandOutput, STS } from '@aws-sdk/client-sts'
import type { TokenCredential } from '@azure/core-auth'
import type { GoogleAuth } from 'google-auth-library'
import { fromCallback } from '../src/index.js'
import { context, errorOf } from './support/asking.js'
import { unsigned } from './support/tokens.js'

const exp = Math.floor(Date.now() / 1_000) + 3_600
const token = unsigned({ exp })
const expiresAt = new Date(exp * 1_000)
const signal = new AbortController().signal
const asked: unknown[] = []

test('Entra ID: any credential of @azure/identity', async () => {
  const credential: TokenCredential = {
    async getToken(scopes, options) {
      asked.push([scopes, options?.abortSignal])
      return { token, expiresOnTimestamp: expiresAt.getTime() }
    },
  }
  // #region entra
  // const credential = new DefaultAzureCredential() of @azure/identity
  const tokens = fromCallback(({ signal }) =>
    credential.getToken('api://cassandra/.default', { abortSignal: signal }),
  )
  // #endregion entra
  expect(await tokens(context({ signal }))).toEqual({ token, expiresAt })
  expect(asked.pop()).toEqual(['api://cassandra/.default', signal])
})

test('Google: an ID token for an audience', async () => {
  const auth = {
    async getIdTokenClient(audience: string) {
      asked.push(audience)
      return { idTokenProvider: { fetchIdToken: async () => token } }
    },
  } as unknown as GoogleAuth
  // #region google
  // const auth = new GoogleAuth() of google-auth-library
  const tokens = fromCallback(async () => {
    const client = await auth.getIdTokenClient('https://cassandra.example')
    return client.idTokenProvider.fetchIdToken('https://cassandra.example')
  })
  // #endregion google
  expect(await tokens(context())).toEqual({ token, expiresAt })
  expect(asked.pop()).toBe('https://cassandra.example')
})

test('AWS: the token of a role for a service outside of AWS', async () => {
  const sts = {
    async getWebIdentityToken(input: unknown, options: { abortSignal: AbortSignal }) {
      asked.push([input, options.abortSignal])
      return { WebIdentityToken: token, Expiration: expiresAt } as GetWebIdentityTokenCommandOutput
    },
  } as unknown as STS
  // #region aws
  // const sts = new STS() of @aws-sdk/client-sts
  const request = { Audience: ['https://cassandra.example'], SigningAlgorithm: 'RS256' }
  const tokens = fromCallback(async ({ signal }) => {
    const answer = await sts.getWebIdentityToken(request, { abortSignal: signal })
    return { token: answer.WebIdentityToken ?? '', expiresAt: answer.Expiration }
  })
  // #endregion aws
  expect(await tokens(context({ signal }))).toEqual({ token, expiresAt })
  expect(asked.pop()).toEqual([request, signal])
})

test('expiresAt is a Date, also of another realm; seconds or milliseconds instead of it are refused', async () => {
  const elsewhere: Date = runInNewContext(`new Date(${exp * 1_000})`)
  const at = (value: unknown) => fromCallback(async () => ({ token, expiresAt: value as Date }))(context())
  expect((await at(elsewhere)).expiresAt).toEqual(expiresAt)
  for (const value of [exp, exp * 1_000, null, expiresAt.toISOString()]) {
    await expect(at(value)).rejects.toMatchObject({ code: 'OIDC_TOKEN_INVALID' })
  }
})

test.each([
  [
    'a getter',
    {
      get token(): string {
        throw new Error('hunter2')
      },
    },
  ],
  [
    'a proxy',
    new Proxy<{ token: string }>(
      { token: '' },
      {
        get(_, name) {
          if (name === 'then') return undefined
          throw new Error('hunter2')
        },
      },
    ),
  ],
])('an answer whose properties throw counts as a failed source: %s', async (_, answer) => {
  const error = await errorOf(fromCallback(async () => answer)(context()))
  expect(error.code).toBe('SOURCE_FAILED')
  expect(error.message).not.toContain('hunter2')
})

import { knownAuthenticator } from '@x/auth-core'
import { recordOf } from '@x/auth-core/base'
import type { auth } from 'cassandra-driver'
import type { LoginChoice } from '../options.js'

/** One of our providers, and what the doctor has to know about it. A provider is loaded only if it is used. */
export interface LoginProvider {
  readonly provider: auth.AuthProvider
  readonly name: string
  readonly mechanisms: readonly string[]
  /** Whether a secret would cross the network in readable form. */
  readonly exposes: boolean
  /** Whether the server always proves itself. */
  readonly mutual: boolean
}

/** Throws the provider's own error, an AuthError, for what the provider does not accept. */
export async function providerOf(choice: LoginChoice, region: string | undefined): Promise<LoginProvider> {
  const provider = await make(choice, region)
  const {
    provider: name,
    mechanisms,
    cleartext,
    exposes = [],
    mutual,
  } = recordOf(provider) ?? {
    provider: 'AuthProvider',
    mechanisms: [],
    cleartext: true,
    mutual: false,
  }
  return { provider, name, mechanisms, exposes: cleartext || exposes.length > 0, mutual }
}

async function make(choice: LoginChoice, region: string | undefined): Promise<auth.AuthProvider> {
  if (choice.kind === 'sigv4') {
    const { SigV4AuthProvider } = require('@x/auth-sigv4') as typeof import('@x/auth-sigv4')
    return new SigV4AuthProvider({ region, profile: choice.profile })
  }
  if (choice.kind === 'certificate') {
    const { CertificateAuthProvider } = require('@x/auth-core') as typeof import('@x/auth-core')
    return new CertificateAuthProvider()
  }
  if (choice.kind === 'password') {
    const { PlainTextAuthProvider } = require('@x/auth-plaintext') as typeof import('@x/auth-plaintext')
    return new PlainTextAuthProvider(choice.username, await choice.password())
  }
  const { SaslAuthProvider } = require('@x/auth-sasl') as typeof import('@x/auth-sasl')
  const options = { mechanism: choice.mechanism, ...(await credentialsFor(choice)) }
  return new SaslAuthProvider(options as unknown as ConstructorParameters<typeof SaslAuthProvider>[0])
}

/** Whether the authenticator logs clients in by their certificates. */
export function logsInByCertificate(className: string): boolean {
  return knownAuthenticator(className)?.use.includes('CertificateAuthProvider') === true
}

/** Whether it can know a client by a certificate, whatever our providers do there. */
export function knowsCertificates(className: string): boolean {
  return knownAuthenticator(className)?.use.includes('client certificate') === true
}

/** Those of user name, password and token that the mechanism takes, as its row says. */
async function credentialsFor(choice: Extract<LoginChoice, { kind: 'mechanism' }>): Promise<object> {
  const fields = fieldsOf(choice.mechanism)
  return {
    ...(fields.includes('username') && choice.username !== undefined && { username: choice.username }),
    ...(fields.includes('password') && { password: await choice.password() }),
    ...(fields.includes('token') && { token: await choice.password() }),
  }
}

/** The fields of the credentials of a mechanism; empty for an unknown name, which the provider refuses. */
export function fieldsOf(mechanism: string): readonly string[] {
  const { registry } = require('@x/auth-sasl') as typeof import('@x/auth-sasl')
  return Object.keys(registry.find(({ name }) => name === mechanism)?.credentials ?? {})
}

import type { CredentialContext } from '@x/auth-core'
import type { Secret } from '@x/auth-core/base'

/** Credentials with the names of the AWS SDK v3 (its `AwsCredentialIdentity` fits). */
export interface AwsCredentials {
  /** Sent unchanged in the answer; `AKIA…` of a user, `ASIA…` of a session. */
  readonly accessKeyId: string
  /** Signs, and never leaves the process. */
  readonly secretAccessKey: string | Secret
  /** Belongs to temporary credentials, which do not work without it. */
  readonly sessionToken?: string | Secret | undefined
  /** When they expire: from then on they must not be sent. */
  readonly expiration?: Date | undefined
  /** The same under the name that the sources of `@x/auth-core` use; if both are given, the earlier one counts. */
  readonly expiresAt?: Date | undefined
}

/**
 * What a credential provider gets: the login, and what the providers of the AWS SDK v3 look for in their argument,
 * which is `forceRefresh` (the last answer seems to have been refused) and the region of the client that calls them.
 */
export interface AwsCredentialContext extends Omit<CredentialContext, 'forceRefresh'> {
  readonly forceRefresh?: boolean
  readonly callerClientConfig: { region(): Promise<string> }
}

/**
 * Where credentials come from: any credential provider of the AWS SDK v3, a source of `@x/auth-core`, or your own
 * function. It is called once for any number of connections, and again before the credentials expire.
 */
export type AwsCredentialSource = (context: AwsCredentialContext) => AwsCredentials | Promise<AwsCredentials>

/** For roles and profiles that name the device of a person. */
export interface MfaOptions {
  /** Asks for the code of the MFA device with this serial number; for `assumeRole` and profiles that name one. */
  readonly mfaCodeProvider?: ((mfaSerial: string) => Promise<string>) | undefined
}

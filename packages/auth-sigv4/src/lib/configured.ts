/**
 * What this machine says about credentials: its environment and the configuration files of AWS. Only this decides
 * whether something is configured, never the answer of a service.
 */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** A section of the configuration files. */
export type ProfileSection = Readonly<Record<string, string | undefined>>

/** Each of them says where the credentials of a profile come from. */
const credentialKeys = [
  'aws_access_key_id',
  'aws_secret_access_key',
  'role_arn',
  'credential_source',
  'web_identity_token_file',
  'credential_process',
  'sso_session',
  'sso_start_url',
  'sso_account_id',
  'sso_role_name',
  'login_session',
]

/** The variables that lead to credentials, by the names that the errors of the default chain have for its links. */
const variables = {
  environment: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  webIdentity: ['AWS_WEB_IDENTITY_TOKEN_FILE'],
  container: ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'],
}

/** What the default chain would find, if it works: links by name; none on a machine where nothing is configured. */
export async function configuredLinks(): Promise<readonly string[]> {
  const set = Object.entries(variables).filter(([, names]) => names.some((name) => process.env[name]))
  const links = set.map(([link]) => link)
  return namesCredentials(await sectionOf(currentProfile())) ? [...links, 'profile'] : links
}

/** The profile that is used if none is named. */
export function currentProfile(): string {
  return process.env['AWS_PROFILE'] || 'default'
}

/** A profile in `~/.aws/config` and `~/.aws/credentials`, read again; what the latter says counts. */
export async function sectionOf(profile: string): Promise<ProfileSection | undefined> {
  const { loadSharedConfigFiles } =
    require('@smithy/shared-ini-file-loader') as typeof import('@smithy/shared-ini-file-loader')
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true })
  const [inConfig, inCredentials] = [configFile[profile], credentialsFile[profile]]
  return inConfig || inCredentials ? { ...inConfig, ...inCredentials } : undefined
}

export function namesCredentials(section: ProfileSection | undefined): boolean {
  return section !== undefined && credentialKeys.some((key) => section[key])
}

/** Whether there is a file that can still tell something, where the SDK would look for it. */
export function hasProfileFiles(): boolean {
  const { HOME, USERPROFILE, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE } = process.env
  const home = HOME || USERPROFILE || homedir()
  const files = [
    AWS_CONFIG_FILE || join(home, '.aws', 'config'),
    AWS_SHARED_CREDENTIALS_FILE || join(home, '.aws', 'credentials'),
  ]
  return files.some((file) => existsSync(file.replace(/^~(?=\/)/, home)))
}

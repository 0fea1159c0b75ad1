import { type KeyObject, sign } from 'node:crypto'

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A JWT, signed with RS256. */
export function signed(payload: object, key: KeyObject, header: object = {}): string {
  const text = `${part({ alg: 'RS256', typ: 'JWT', ...header })}.${part(payload)}`
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
}

/** A JWT in the right form, without a valid signature. */
export function unsigned(payload: object): string {
  return `${part({ alg: 'RS256' })}.${part(payload)}.c2ln`
}

export function claims(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

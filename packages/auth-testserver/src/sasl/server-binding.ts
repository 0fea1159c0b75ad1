import { createHash } from 'node:crypto'
import type { ConnectionInfo } from '../authenticator.js'

/** The types of channel binding that this server has: RFC 5929 §4, RFC 9266. */
export const serverBindingTypes = ['tls-server-end-point', 'tls-exporter'] as const

export type ServerBindingType = (typeof serverBindingTypes)[number]

/**
 * The server's channel binding data of its own connection, to be compared with those of the client. Undefined if there
 * are none.
 */
export async function serverBinding(
  type: ServerBindingType,
  { tls }: ConnectionInfo,
): Promise<Buffer | undefined> {
  if (type === 'tls-exporter') return tls?.exportKeyingMaterial?.(32, 'EXPORTER-Channel-Binding')
  const raw = tls?.ownCertificate?.raw
  if (raw === undefined) return undefined
  // Its import takes a tenth of a second.
  const { X509Certificate } = await import('@peculiar/x509')
  const { hash } = new X509Certificate(raw).signatureAlgorithm as { hash?: { name: string } | string }
  const name = typeof hash === 'string' ? hash : hash?.name
  if (name === undefined) return undefined
  const used = name === 'SHA-1' || name === 'MD5' ? 'SHA-256' : name
  return createHash(used.replace('-', '')).update(raw).digest()
}

import { createServer as createHttps } from 'node:https'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { createSecureContext, createServer as createTls } from 'node:tls'
import type { Certificates } from '@x/auth-testserver'
import { type OnLoopback, onLoopback } from './on-loopback.js'

/** The zip library of the driver, which reads the bundle after us. */
const AdmZip = createRequire(require.resolve('cassandra-driver'))('adm-zip') as new () => {
  addFile(name: string, contents: Buffer): void
  writeZip(file: string): void
}

/** Writes a secure connect bundle as Astra hands it out, with what the driver reads of it. */
export function writeBundle(
  file: string,
  { ca, client }: Pick<Certificates, 'ca' | 'client'>,
  config: object,
): string {
  const zip = new AdmZip()
  const files = {
    'ca.crt': ca.root.certPem,
    cert: client.chainPem,
    key: client.keyPem,
    'config.json': JSON.stringify(config),
    cqlshrc: '[connection]\n',
  }
  for (const [name, contents] of Object.entries(files)) zip.addFile(name, Buffer.from(contents))
  zip.writeZip(file)
  return file
}

/** Asks for the client certificate of the bundle, and answers every path with this. */
export function metadataService(
  { ca, server }: Certificates,
  answer: (path: string) => { readonly status?: number; readonly body: string },
): Promise<OnLoopback> {
  const options = { cert: server.chainPem, key: server.keyPem, ca: ca.root.certPem, requestCert: true }
  const service = createHttps({ ...options, rejectUnauthorized: true }, (asked, response) => {
    const { status = 200, body } = answer(asked.url ?? '')
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  return onLoopback(service)
}

/** A proxy before CQL servers without TLS: each connection goes to the one that SNI names, and to none without a name. */
export function sniProxy(
  { ca, server }: Certificates,
  nodes: Readonly<Record<string, { readonly address: string; readonly port: number }>>,
): Promise<OnLoopback & { readonly names: ReadonlySet<string> }> {
  const names = new Set<string>()
  const options = { cert: server.chainPem, key: server.keyPem, ca: ca.root.certPem }
  const context = createSecureContext(options)
  const proxy = createTls(
    {
      ...options,
      requestCert: true,
      rejectUnauthorized: true,
      SNICallback: (name, done) =>
        Object.hasOwn(nodes, name) ? done(null, context) : done(new Error('unknown node')),
    },
    (socket) => {
      const node = typeof socket.servername === 'string' ? nodes[socket.servername] : undefined
      if (!node) return void socket.destroy()
      names.add(socket.servername as string)
      const inner = connect({ host: node.address, port: node.port, noDelay: true })
      socket.pipe(inner).pipe(socket)
      for (const end of [socket, inner]) {
        end.on('error', () => end.destroy())
        end.once('close', () => [socket, inner].forEach((each) => void each.destroy()))
      }
      return undefined
    },
  )
  return onLoopback(proxy).then((running) => Object.assign(running, { names }))
}

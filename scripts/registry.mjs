#!/usr/bin/env node
/**
 * `node scripts/registry.mjs FOLDER`: serves the tarballs below FOLDER as a package registry on 127.0.0.1, so that npm, pnpm,
 * yarn, Bun and Deno install our packages by name, as after a release. Prints its address, and ends when its standard input
 * ends. It has only our packages: clients use it only for our scope.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import { run } from './lib.mjs'

const folder = resolve(process.argv[2] ?? '')
const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.tgz'))
const published = new Map(
  files.map((file) => {
    const bytes = readFileSync(join(folder, file))
    const { stdout } = run('tar', ['-xzOf', join(folder, file), 'package/package.json'])
    const manifest = JSON.parse(stdout)
    return [manifest.name, { manifest, bytes }]
  }),
)

const server = createServer((request, response) => {
  const [, name, tarball] = /^\/(@[^/]+\/[^/]+)(\/-\/.+\.tgz)?$/.exec(decodeURIComponent(request.url)) ?? []
  const found = published.get(name)
  if (!found) return response.writeHead(404, { 'content-type': 'application/json' }).end('{}')
  if (tarball) return response.end(found.bytes)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(document(found, `http://${request.headers.host}`)))
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`))
process.stdin.resume().once('end', () => {
  server.closeAllConnections()
  server.close()
})

/** The metadata of a package. */
function document({ manifest, bytes }, address) {
  const { name, version } = manifest
  const hash = (algorithm, encoding) => createHash(algorithm).update(bytes).digest(encoding)
  const dist = {
    tarball: `${address}/${name}/-/${name.split('/')[1]}-${version}.tgz`,
    shasum: hash('sha1', 'hex'),
    integrity: `sha512-${hash('sha512', 'base64')}`,
  }
  return {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { ...manifest, dist } },
    time: { [version]: '2026-01-01T00:00:00.000Z' },
  }
}

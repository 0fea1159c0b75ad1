/**
 * Runs the command of docs/releases.md for the first version, against a registry on this machine, and checks what is sent. A laptop
 * has no identity that proves where a package was built. The command packs in the workspace, so nothing else may pack at the same
 * time.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { publicPackages, root, start } from './lib.mjs'

export async function firstPublication() {
  const page = readFileSync(join(root, 'docs', 'releases.md'), 'utf8')
  const [, command] = /^npm exec -- (pnpm .* publish .*)$/m.exec(page) ?? []
  if (!command) throw new Error('docs/releases.md has no command `npm exec -- pnpm … publish …`')
  const [program, ...args] = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, word]) => quoted ?? word,
  )
  const folder = mkdtempSync(join(tmpdir(), 'x-auth-publication-'))
  const registry = await startRegistry()
  try {
    const settings = join(folder, 'npmrc')
    writeFileSync(
      settings,
      `registry=${registry.url}\n@x:registry=${registry.url}\n${registry.url.slice(5)}:_authToken=none\n`,
    )
    const bin = join(root, 'node_modules', '.bin')
    const { ok, output } = await start(join(bin, program), args, {
      env: {
        ...withoutNpm(process.env),
        PATH: [bin, process.env.PATH].join(delimiter),
        NPM_CONFIG_USERCONFIG: settings,
        // A maintainer publishes from a clean main. This check also runs before a commit, so the git checks are off.
        NPM_CONFIG_GIT_CHECKS: 'false',
      },
    })
    if (!ok) throw new Error(output)
  } finally {
    registry.close()
    rmSync(folder, { recursive: true, force: true })
  }
  const all = publicPackages().map(({ name }) => name)
  const missing = all.filter((name) => registry.published.get(name)?.access !== 'public')
  if (missing.length > 0) throw new Error(`it does not publish ${missing.join(', ')}`)
  const strange = [...registry.published.keys()].filter((name) => !all.includes(name))
  if (strange.length > 0) throw new Error(`it publishes ${strange.join(', ')}`)
}

/** Removes the variables that npm set for this script, above all its registries. Outside GitHub there is no identity. */
function withoutNpm(env) {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(npm_config_|ACTIONS_ID_TOKEN|GITHUB_ACTIONS$|CI$|GITLAB_CI$)/i.test(name),
    ),
  )
}

async function startRegistry() {
  const published = new Map()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    response.setHeader('content-type', 'application/json')
    if (request.method !== 'PUT') return response.writeHead(404).end('{}')
    const { name, access } = JSON.parse(body)
    published.set(name, { access })
    response.writeHead(201).end('{"ok":true}')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    published,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

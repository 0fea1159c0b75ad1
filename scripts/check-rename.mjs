/**
 * Gives a copy of the repository another scope and address. Checks that nothing of the old name is left, that the copy works, and what a release
 * writes.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Checks, copyRepository, root, run } from './lib.mjs'
import { identity } from './manifests.mjs'

const checks = new Checks()
const copy = mkdtempSync(join(tmpdir(), 'renamed-'))
const inCopy = (...args) => run(process.execPath, args, { cwd: copy, env: { ...process.env, CI: 'true' } })
const files = (cwd) => execFileSync('git', ['ls-files'], { cwd, encoding: 'utf8' }).trim().split('\n')

try {
  copyRepository(copy)
  run('git', ['init', '--quiet'], { cwd: copy })
  run('git', ['add', '--all'], { cwd: copy })
  const pnpm = join(root, 'node_modules/pnpm/bin/pnpm.cjs')
  await checks.check('install the copy', () =>
    inCopy(pnpm, 'install', '--frozen-lockfile', '--prefer-offline', '--reporter=silent'),
  )
  await checks.check('rename', () =>
    inCopy('scripts/rename.mjs', '@zz-renamed', 'https://git.example/renamed/project'),
  )
  await checks.check('nothing of the old name is left', () => {
    const old = [`${identity.scope}/`, `${identity.scope}\\/`, identity.repository]
    const left = files(copy).filter((file) => {
      const text = readFileSync(join(copy, file), 'utf8')
      return old.some((name) => text.includes(name))
    })
    if (left.length > 0) throw new Error(left.join('\n'))
  })
  await checks.check('lint', () => inCopy('node_modules/@biomejs/biome/bin/biome', 'ci', '--colors=off', '.'))
  await checks.check('a login, with diagnostics', () =>
    inCopy(
      'node_modules/jest/bin/jest.js',
      '--selectProjects',
      'auth-plaintext',
      'tls-profiles',
      '--testPathPatterns',
      'plain-text-auth-provider|diagnostics',
    ),
  )
  await checks.check('a release writes a change log for each package', () => {
    const made = inCopy('node_modules/@changesets/cli/bin.js', 'version')
    if (!made.ok) return made
    const packages = readdirSync(join(copy, 'packages'))
    const without = packages.filter((name) => {
      const file = join(copy, 'packages', name, 'CHANGELOG.md')
      return !existsSync(file) || !/^## \d+\.\d+\.\d+$/m.test(readFileSync(file, 'utf8'))
    })
    if (without.length > 0) throw new Error(`without a change log: ${without.join(' ')}`)
  })
} finally {
  rmSync(copy, { recursive: true, force: true })
}
checks.finish()

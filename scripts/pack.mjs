/** Packs packages as they are published. */
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { publicPackages, root, run } from './lib.mjs'

/** Packs one package below `folder`; `run`'s result, and the path of the tarball. @param {{ name: string, folder: string }} of */
export function pack({ name, folder: source }, folder) {
  const destination = join(folder, name.replace('/', '-'))
  mkdirSync(destination, { recursive: true })
  const pnpm = join(root, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs')
  const packed = run(process.execPath, [pnpm, 'pack', '--pack-destination', destination], { cwd: source })
  return { ...packed, tarball: packed.ok ? join(destination, readdirSync(destination)[0]) : undefined }
}

export function packAll(folder) {
  for (const published of publicPackages()) {
    const { ok, output } = pack(published, folder)
    if (!ok) throw new Error(output)
  }
}

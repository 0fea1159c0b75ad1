/** Packs packages in the same way as for publishing. */
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { publicPackages, root, start, twoAtATime } from './lib.mjs'

/**
 * Packs one package below `folder`. Returns the result of `start`, and the path of the tarball.
 *
 * @param {{ name: string, folder: string }} of
 */
export async function pack({ name, folder: source }, folder) {
  const destination = join(folder, name.replace('/', '-'))
  mkdirSync(destination, { recursive: true })
  const pnpm = join(root, 'node_modules', 'pnpm', 'bin', 'pnpm.cjs')
  const packed = await start(process.execPath, [pnpm, 'pack', '--pack-destination', destination], {
    cwd: source,
  })
  return { ...packed, tarball: packed.ok ? join(destination, readdirSync(destination)[0]) : undefined }
}

export async function packAll(folder) {
  await twoAtATime(
    publicPackages().map((published) => async () => {
      const { ok, output } = await pack(published, folder)
      if (!ok) throw new Error(output)
    }),
  )
}

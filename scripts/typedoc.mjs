/** Renders the API of all packages as pages with typedoc. A warning is an error. */
import { join } from 'node:path'
import { publicPackages, root, run } from './lib.mjs'

/** @param {string} out the folder of the pages */
export function typedoc(out) {
  const entryPoints = publicPackages().flatMap(({ folder, manifest }) =>
    Object.values(manifest.exports)
      .filter((target) => target.types)
      .map((target) => join(folder, target.types.replace('./dist/', 'src/').replace(/\.d\.ts$/, '.ts'))),
  )
  return run(process.execPath, [
    join(root, 'node_modules/typedoc/bin/typedoc'),
    ...entryPoints.flatMap((file) => ['--entryPoints', file]),
    '--tsconfig',
    'tsconfig.typedoc.json',
    '--out',
    out,
    '--treatWarningsAsErrors',
    '--validation.notExported',
    'false',
    '--disableSources',
    // It has only the roots, and the pages of the other packages link to it.
    '--includeHierarchySummary',
    'false',
    '--readme',
    'none',
    '--logLevel',
    'Warn',
  ])
}

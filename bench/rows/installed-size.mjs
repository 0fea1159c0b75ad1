import { weights } from '../lib/packages.mjs'
import { installedProject, installedSize } from '../lib/project.mjs'

const driver = 'cassandra-driver'

/** @param {string} name @param {string} [without] @returns {import('../lib/row.mjs').Subject} */
function subject(name, without) {
  return {
    title: name,
    measure: async ({ shared }) => ({ size: installedSize(shared, name, without) / 1000 }),
  }
}

/** @type {import('../lib/row.mjs').Row} */
export const row = {
  title: 'Installed size',
  about:
    'Size on disk, in whole blocks, with all dependencies that the driver does not have; npm installs the packed tarballs.',
  metrics: { size: { title: 'on disk', unit: 'kB', against: 'ratio' } },
  reference: driver,
  subjects: {
    [driver]: subject(driver),
    ...Object.fromEntries(Object.keys(weights).map((name) => [name, subject(name, driver)])),
  },
  repeats: 1,
  setUp: installedProject,
}

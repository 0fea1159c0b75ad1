/** Java programs. Each is compiled once for each text of its sources, and kept as a jar in the cache. */
import { readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installed, run } from './installed.mjs'
import { interopRoot } from './paths.mjs'
import { requireTools } from './tools.mjs'

/** The sources in a folder of interop. @param {string} folder */
export function javaSources(folder) {
  const path = join(interopRoot, folder)
  const names = readdirSync(path).filter((name) => name.endsWith('.java'))
  return names.sort().map((name) => join(path, name))
}

/**
 * @param {string} name
 * @param {readonly string[]} sources paths
 * @param {readonly string[]} jars to compile against
 * @returns {Promise<string>} the path of its jar
 */
export async function javaProgram(name, sources, jars) {
  const [javac = '', jar = ''] = requireTools('javac', 'jar')
  const texts = sources.map((source) => readFileSync(source, 'utf8'))
  // The folders of the jars are named after their content.
  const folder = await installed(`java-${name}`, [...texts, ...jars].join('\n'), async (into) => {
    const classes = join(into, 'classes')
    await run(javac, [
      '-Werror',
      '-Xlint:all',
      '-Xlint:-classfile,-processing,-path',
      '-d',
      classes,
      '-cp',
      jars.join(delimiter),
      ...sources,
    ])
    await run(jar, ['--create', '--file', join(into, `${name}.jar`), '-C', classes, '.'])
  })
  return join(folder, `${name}.jar`)
}

/** The tools of the machine that the suites need. If one is missing, the failure says what to install. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * One row for each tool: how to get its version, what the answer must match, how to install it.
 * @type {Record<string, { command: () => string, args: string[], accepts: RegExp, wanted: string, install: string }>}
 */
const tools = {
  java: {
    command: () => fromJavaHome('java'),
    args: ['-version'],
    accepts: /version "17\./,
    wanted: 'Java 17 (Cassandra 4.1 and 5.0 do not start on a newer one)',
    install: 'apt-get install openjdk-17-jdk-headless, or point JAVA_HOME at a Java 17',
  },
  javac: {
    command: () => fromJavaHome('javac'),
    args: ['-version'],
    accepts: /javac 17\./,
    wanted: 'the compiler of Java 17',
    install: 'apt-get install openjdk-17-jdk-headless, or point JAVA_HOME at a Java 17',
  },
  jar: {
    command: () => fromJavaHome('jar'),
    args: ['--version'],
    accepts: /jar 17\./,
    wanted: "Java's jar",
    install: 'apt-get install openjdk-17-jdk-headless, or point JAVA_HOME at a Java 17',
  },
  keytool: {
    command: () => fromJavaHome('keytool'),
    args: ['-help'],
    accepts: /-genkeypair/,
    wanted: "Java's keytool",
    install: 'apt-get install openjdk-17-jdk-headless, or point JAVA_HOME at a Java 17',
  },
  openssl: {
    command: () => 'openssl',
    args: ['version'],
    accepts: /^OpenSSL 3/,
    wanted: 'OpenSSL 3',
    install: 'apt-get install openssl',
  },
  mvn: {
    command: () => 'mvn',
    args: ['--version'],
    accepts: /Apache Maven 3\./,
    wanted: 'Maven 3',
    install: 'apt-get install maven',
  },
}

/**
 * Returns the commands of the named tools. Checks that each is installed in the required version.
 * @param {...string} names
 * @returns {string[]} the commands, in the same order
 * @throws {Error} that lists every missing tool and how to install it
 */
export function requireTools(...names) {
  const found = names.map((name) => checkOnce(name))
  const missing = found.flatMap(({ complaint }) => complaint ?? [])
  if (missing.length > 0) throw new Error(`the interop suites cannot run here:\n  ${missing.join('\n  ')}`)
  return found.map(({ command }) => command)
}

/** @type {Map<string, { command: string, complaint?: string }>} */
const checked = new Map()

/** @param {string} name */
function checkOnce(name) {
  const known = checked.get(name)
  if (known) return known
  const tool = tools[name]
  if (!tool) throw new Error(`there is no tool '${name}'; add a row to lib/tools.mjs`)
  const command = tool.command()
  const answer = spawnSync(command, tool.args, { encoding: 'utf8', timeout: 60_000 })
  const said = `${answer.stdout ?? ''}${answer.stderr ?? ''}`
  const result = tool.accepts.test(said)
    ? { command }
    : { command, complaint: `${tool.wanted} is missing (${summary(answer.error, said)}): ${tool.install}` }
  checked.set(name, result)
  return result
}

/** @param {Error | undefined} error @param {string} said */
function summary(error, said) {
  return error ? error.message : `found: ${said.split('\n', 1)[0]}`
}

/** @param {string} name */
function fromJavaHome(name) {
  const { JAVA_HOME } = process.env
  const inHome = JAVA_HOME && join(JAVA_HOME, 'bin', name)
  return inHome && existsSync(inHome) ? inHome : name
}

/** The command line of a Cassandra that boots in seconds on Java 17. */

const exportsNeeded = [
  'java.base/jdk.internal.misc',
  'java.base/jdk.internal.ref',
  'java.base/sun.nio.ch',
  'java.management.rmi/com.sun.jmx.remote.internal.rmi',
  'java.rmi/sun.rmi.registry',
  'java.rmi/sun.rmi.server',
  'java.sql/java.sql',
  'java.base/java.lang.ref',
  'jdk.unsupported/sun.misc',
  'jdk.compiler/com.sun.tools.javac.file',
  'jdk.attach/sun.tools.attach',
]

const opensNeeded = [
  'java.base/java.lang.module',
  'java.base/jdk.internal.loader',
  'java.base/jdk.internal.ref',
  'java.base/jdk.internal.reflect',
  'java.base/jdk.internal.math',
  'java.base/jdk.internal.module',
  'java.base/jdk.internal.util.jar',
  'jdk.management/com.sun.management.internal',
  'java.base/sun.nio.ch',
  'java.base/java.io',
  'java.base/java.lang.reflect',
  'jdk.compiler/com.sun.tools.javac',
  'java.base/java.lang',
  'java.base/java.util',
  'java.base/java.nio',
  'java.base/java.util.concurrent',
  'java.base/java.util.concurrent.atomic',
  'java.base/java.net',
]

/** The options of conf/jvm17-server.options of 5.0 for Java 17. They are enough for 4.1 too. */
export const moduleFlags = [
  ...exportsNeeded.flatMap((name) => ['--add-exports', `${name}=ALL-UNNAMED`]),
  ...opensNeeded.flatMap((name) => ['--add-opens', `${name}=ALL-UNNAMED`]),
  '-Djdk.attach.allowAttachSelf=true',
  '-Dio.netty.tryReflectionSetAccessible=true',
  '-Dio.netty.allocator.useCacheForAllThreads=true',
  '-Dio.netty.allocator.maxOrder=11',
  '-Djava.net.preferIPv4Stack=true',
]

/** The process is short and its heap small: the first compiler and the simplest collector start fastest. */
export const fastVirtualMachine = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xss512k',
  '-XX:-UsePerfData',
]

/** Removes waits for peers that do not exist, and checks that a test does not need. */
const fastServer = {
  'cassandra-foreground': 'yes',
  'cassandra.skip_wait_for_gossip_to_settle': 0,
  'cassandra.ring_delay_ms': 0,
  'cassandra.superuser_setup_delay_ms': 0,
  'cassandra.shutdown_announce_in_ms': 0,
  'cassandra.load_ring_state': false,
  'cassandra.unsafesystem': true,
  'cassandra.memtable_row_overhead_computation_step': 100,
  'cassandra.auth_bcrypt_gensalt_log2_rounds': 4,
  // 5.0 refuses a second change of a role's password within five seconds.
  'cassandra.role_password_update_min_interval_in_ms': 0,
}

/**
 * @param {object} options
 * @param {import('./versions.mjs').Distribution} options.distribution
 * @param {string} options.folder the node's own
 * @param {string} options.heap the value of -Xmx
 * @param {readonly string[]} options.classpath jars in addition to Cassandra's
 * @param {readonly string[]} options.jvmArguments last, so they win
 * @param {Record<string, string | number | boolean>} options.properties system properties that replace ours
 */
export function javaArguments({ distribution, folder, heap, classpath, jvmArguments, properties }) {
  const all = {
    ...fastServer,
    'cassandra.config': `file://${folder}/cassandra.yaml`,
    'cassandra.storagedir': folder,
    'cassandra.logdir': folder,
    // Native libraries are unpacked there.
    'java.io.tmpdir': folder,
    'logback.configurationFile': `file://${folder}/logback.xml`,
    ...properties,
  }
  return [
    ...moduleFlags,
    ...fastVirtualMachine,
    `-Xms${heap}`,
    `-Xmx${heap}`,
    ...(distribution.archive ? [`-XX:SharedArchiveFile=${distribution.archive}`] : []),
    ...(distribution.agent ? [`-javaagent:${distribution.agent}`] : []),
    ...Object.entries(all).map(([name, value]) => `-D${name}=${value}`),
    ...jvmArguments,
    '-cp',
    [...distribution.jars, ...classpath].join(':'),
    'org.apache.cassandra.service.CassandraDaemon',
  ]
}

/** cassandra.yaml and logback.xml of a small node. */

/**
 * The smallest configuration that boots. Every authentication cache is off: by default an old password stays valid for
 * two seconds after a change.
 * @param {object} options
 * @param {string} options.folder
 * @param {string} options.address
 * @param {number} options.port native
 * @param {number} options.storagePort
 * @param {number | undefined} options.tlsPort if TLS has a separate port
 * @param {readonly string[]} options.seeds addresses
 * @param {string | undefined} options.token this node's place in the ring, if there are several nodes
 * @param {unknown} options.authenticator
 * @param {Record<string, unknown> | undefined} options.tls `client_encryption_options`
 * @param {Record<string, unknown>} options.yaml settings that replace the others
 * @returns {string} JSON, which is YAML
 */
export function cassandraYaml(options) {
  const { folder, address, port, storagePort, tlsPort, seeds, token, authenticator, tls, yaml } = options
  const settings = {
    cluster_name: 'interop',
    num_tokens: 1,
    ...(token !== undefined && { initial_token: token }),
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    endpoint_snitch: 'SimpleSnitch',
    auto_bootstrap: false,
    seed_provider: [
      {
        class_name: 'org.apache.cassandra.locator.SimpleSeedProvider',
        parameters: [{ seeds: seeds.map((seed) => `${seed}:${storagePort}`).join(',') }],
      },
    ],
    listen_address: address,
    rpc_address: address,
    storage_port: storagePort,
    native_transport_port: port,
    ...(tlsPort !== undefined && { native_transport_port_ssl: tlsPort }),
    authenticator,
    ...(authenticator !== 'AllowAllAuthenticator' && { role_manager: 'CassandraRoleManager' }),
    credentials_validity: '0ms',
    roles_validity: '0ms',
    permissions_validity: '0ms',
    commitlog_sync: 'periodic',
    commitlog_sync_period: '1000ms',
    commitlog_segment_size: '4MiB',
    commitlog_total_space: '32MiB',
    memtable_heap_space: '64MiB',
    memtable_offheap_space: '64MiB',
    data_file_directories: [`${folder}/data`],
    commitlog_directory: `${folder}/commitlog`,
    saved_caches_directory: `${folder}/saved_caches`,
    hints_directory: `${folder}/hints`,
    ...(tls && { client_encryption_options: { enabled: true, ...tls } }),
    ...yaml,
  }
  return JSON.stringify(settings, null, 2)
}

/** INFO goes to the console, and the console is the log file. */
export const logbackXml = `<configuration>
  <appender name="console" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{HH:mm:ss.SSS} %-5level %logger{0} %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="console"/></root>
</configuration>
`

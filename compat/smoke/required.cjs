exports.packages = {
  driver: require('cassandra-driver'),
  plaintext: require('@x/auth-plaintext'),
  profiles: require('@x/tls-profiles'),
  sasl: require('@x/auth-sasl'),
  sigv4: require('@x/auth-sigv4'),
}

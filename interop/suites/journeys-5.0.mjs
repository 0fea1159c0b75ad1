/**
 * Three nodes of a real Cassandra 5.0 migrate and go back, like in `cassandra-migration`: from no login to passwords, from plain connections to TLS,
 * from TLS 1.2 to 1.3, from passwords to certificates, and from one CA of clients to another.
 */
import { journeySuite } from '../lib/journeys.mjs'

journeySuite('the longer journeys of a cluster', [
  'allow-all-to-password',
  'plain-to-tls',
  'tls-1.2-to-1.3',
  'password-to-certificates',
  'client-ca-roll-over',
])

/**
 * Three nodes of a real Cassandra 5.0 change under query load, one at a time, there and back: passwords to SCRAM, RSA to ECDSA, CA,
 * role. The journeys are those of examples/migration.
 */
import { journeySuite } from '../lib/journeys.mjs'

journeySuite('journeys of a cluster', ['password-to-scram', 'rsa-to-ecdsa', 'ca-roll-over', 'role-renamed'])

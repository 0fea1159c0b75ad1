/**
 * Three nodes of a real Cassandra 6.0 migrate from passwords to certificates and go back: a client with a certificate is not asked
 * for a login.
 */
import { journeySuite } from '../lib/journeys.mjs'

journeySuite('where Cassandra 6.0 differs', ['password-to-certificates'], { version: '6.0' })

/** Three nodes of a real Cassandra 6.0 go from passwords to certificates, there and back: nobody is asked to log in who shows one. */
import { journeySuite } from '../lib/journeys.mjs'

journeySuite('where Cassandra 6.0 differs', ['password-to-certificates'], { version: '6.0' })

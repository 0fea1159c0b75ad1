import * as plaintext from '@x/auth-plaintext'
import * as sasl from '@x/auth-sasl'
import * as sigv4 from '@x/auth-sigv4'
import * as profiles from '@x/tls-profiles'
import driver from 'cassandra-driver'

export const packages = { driver, plaintext, profiles, sasl, sigv4 }

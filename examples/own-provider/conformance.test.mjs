// #region node-test
import { describe, test } from 'node:test'
import { mechanismSuite, providerSuite } from '@x/auth-conformance'
import { mechanism, provider } from './subjects.mjs'

providerSuite(provider, { describe, test })
mechanismSuite(mechanism, { describe, test })
// #endregion node-test

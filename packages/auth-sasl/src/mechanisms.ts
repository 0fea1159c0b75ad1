/** The mechanisms themselves, for providers of your own; an application needs SaslAuthProvider and their names. */
export { anonymous } from './mechanisms/anonymous.js'
export { cramMd5 } from './mechanisms/cram-md5.js'
export { digestMd5 } from './mechanisms/digest-md5.js'
export { external } from './mechanisms/external.js'
export { gssapi } from './mechanisms/gssapi.js'
export { oauthBearer } from './mechanisms/oauthbearer.js'
export { scram } from './mechanisms/scram.js'

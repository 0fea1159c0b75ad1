/** The users of all servers. */

export const softHyphen = '\u00ad'

/** A role whose name has every character that a mechanism must escape. */
export const oddRole = 'rôle,="\\1'

/** Passwords. @type {Readonly<Record<string, string>>} */
export const users = {
  alice: 'wonder land',
  'a,b=c': 'x,y=z"\\',
  'q"\\d': 'wonder land',
  admin: 'of no use here',
  [oddRole]: 'of no use here',
  // ISO 8859-1, which DIGEST-MD5 hashes in its own way, and other characters
  zoë: 'pässwörd',
  zoe: 'pässwörd',
  Ольга: 'пароль',
  // SASLprep: the prepared form, which a server should store, and the typed form
  prep: 'IX',
  rawprep: `I${softHyphen}X`,
}

/** The other roles that a user may act as. @type {readonly (readonly [user: string, role: string])[]} */
export const proxies = [
  ['alice', 'admin'],
  ['alice', oddRole],
]

export const token = 'eyJhbGciOi.good-token.x'

/** The user of each bearer token. @type {Readonly<Record<string, string>>} */
export const tokens = { [token]: 'alice' }

/** @param {string} username @returns {{ username: string, password: string }} */
export function login(username) {
  return { username, password: users[username] ?? '' }
}

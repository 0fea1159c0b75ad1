/** Whom all servers know. */

export const softHyphen = '\u00ad'

/** A role whose name has everything that a mechanism must write otherwise. */
export const oddRole = 'rôle,="\\1'

/** Passwords. @type {Readonly<Record<string, string>>} */
export const users = {
  alice: 'wonder land',
  'a,b=c': 'x,y=z"\\',
  'q"\\d': 'wonder land',
  admin: 'of no use here',
  [oddRole]: 'of no use here',
  // ISO 8859-1, which DIGEST-MD5 hashes in its own way, and beyond it
  zoë: 'pässwörd',
  zoe: 'pässwörd',
  Ольга: 'пароль',
  // SASLprep: as a careful server stores it, and as the administrator typed it
  prep: 'IX',
  rawprep: `I${softHyphen}X`,
}

/** Who may log in as which other role. @type {readonly (readonly [user: string, role: string])[]} */
export const proxies = [
  ['alice', 'admin'],
  ['alice', oddRole],
]

export const token = 'eyJhbGciOi.good-token.x'

/** Whose each bearer token is. @type {Readonly<Record<string, string>>} */
export const tokens = { [token]: 'alice' }

/** @param {string} username @returns {{ username: string, password: string }} */
export function login(username) {
  return { username, password: users[username] ?? '' }
}

/**
 * The differences between a profile and plain Node.js (the version of the CI, with OpenSSL 3.0), and their reasons. The
 * suite fails if no file shows an entry any longer, and also if a difference is missing here.
 * @typedef {{ name: RegExp, from?: string, ours: string, nodes: 'read' | 'refused', why: string }} Difference
 */

/** @type {readonly Difference[]} */
export const differences = [
  {
    name: /\.jks$/,
    ours: 'read',
    nodes: 'refused',
    why: 'Node.js does not read JKS.',
  },
  {
    name: /rc2|legacy\.p12$|\/no-password\.p12$|windows-azure-tools|testing-example-com/i,
    ours: 'read',
    nodes: 'refused',
    why: 'OpenSSL 3 has RC2 in its legacy provider only; here node-forge decrypts it.',
  },
  {
    name: /-GCM$/,
    ours: 'read',
    nodes: 'refused',
    why: 'Authenticated encryption needs no MAC, but OpenSSL does not open such a store.',
  },
  {
    name: /rfc9579|PBMAC1$/,
    ours: 'read',
    nodes: 'refused',
    why: 'OpenSSL supports PBMAC1 from 3.4 on.',
  },
  {
    name: /^trusted\.p12$/,
    ours: 'read',
    nodes: 'refused',
    why: 'A trust store: `pfx` of Node.js needs a key; here the option is `ca: { pfx }`.',
  },
  {
    name: /^no-mac\.p12$/,
    ours: 'read',
    nodes: 'refused',
    why: 'No MAC: OpenSSL 3.0 wants one with a passphrase that is not empty, later versions do not. What is encrypted tells of a wrong passphrase.',
  },
]

/**
 * @param {import('./verdicts.mjs').Judged} judged
 * @returns {string | undefined} undefined if both have the same verdict and the same certificate
 */
export function differenceIn({ own, node }) {
  const [ours, theirs] = [own.verdict === 'read', node.verdict === 'read']
  if (ours !== theirs) return `${own.verdict} here, ${node.verdict} by Node.js`
  if (!ours || !own.shown || !node.shown || own.shown === node.shown) return undefined
  return 'another certificate than Node.js would send'
}

/** @param {import('./verdicts.mjs').Judged} judged */
export function listed({ item, own, node }) {
  return differences.find(
    ({ name, ours, nodes }) => name.test(item.name) && ours === own.verdict && nodes === node.verdict,
  )
}

/** An authority that issues X.509 certificates for servers and clients, made with @peculiar/x509. */
import { randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import x509 from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const dayMs = 86_400_000
const purposes = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' }

/**
 * @param {{ name?: string, days?: number }} [options]
 * @returns an authority: its certificate and key in PEM, and `issue`
 */
export async function createAuthority({ name = 'Example Root CA', days = 3650 } = {}) {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    serialNumber: serial(),
    ...validFor(days),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return {
    certificate: `${root.toString('pem')}\n`,
    key: await pemOf(keys.privateKey),
    /**
     * @param {{ commonName: string, names?: string[], purpose: 'server' | 'client', days?: number }} options
     *   `names`: IP addresses, host names and URIs for the subject alternative name
     */
    async issue({ commonName, names = [], purpose, days: leafDays = 825 }) {
      const own = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
      const leaf = await x509.X509CertificateGenerator.create({
        subject: `CN=${commonName}`,
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        serialNumber: serial(),
        ...validFor(leafDays),
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([purposes[purpose]]),
          await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
          ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names.map(generalName))] : []),
        ],
      })
      return { certificate: `${leaf.toString('pem')}\n`, key: await pemOf(own.privateKey) }
    },
  }
}

function generalName(value) {
  if (isIP(value)) return { type: 'ip', value }
  return { type: value.includes('://') ? 'url' : 'dns', value }
}

function validFor(days) {
  // Clocks may differ by a few minutes.
  return { notBefore: new Date(Date.now() - 300_000), notAfter: new Date(Date.now() + days * dayMs) }
}

/** RFC 5280 §4.1.2.2: positive and at most 20 bytes. */
function serial() {
  return `0${randomBytes(16).toString('hex').slice(1)}`
}

async function pemOf(privateKey) {
  const der = await webcrypto.subtle.exportKey('pkcs8', privateKey)
  return `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`
}

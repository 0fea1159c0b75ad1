import type { CertificateSummary } from '../../certificate.js'
import { expiryNoticed } from '../../diagnostics.js'
import type { MaterialSummary } from '../material/material.js'
import { decisive, endOf } from '../material/validity.js'

/** One of our certificates, and how long it is still valid. */
export interface CertificateStatus {
  readonly role: 'ca' | 'client'
  readonly certificate: CertificateSummary
  /** Negative after it has expired. */
  readonly expiresInMs: number
  /** Less than `expiresSoonMs` is left. */
  readonly expiresSoon: boolean
  readonly expired: boolean
}

/** How long the material as a whole works. */
export interface Overall {
  /** Undefined without our own certificates. */
  readonly expiresAt: Date | undefined
  readonly expiresSoon: boolean
  readonly expired: boolean
}

const defaultSoonMs = 7 * 86_400_000

/** Watches how long the certificates of a profile are valid. */
export class Expiry {
  readonly #profile: string
  readonly #soonMs: number | undefined
  readonly #noticed = new Set<string>()

  constructor(profile: string, soonMs: number | undefined) {
    this.#profile = profile
    this.#soonMs = soonMs
  }

  /** Our certificates first, then our CAs. */
  statusOf({ ca, client }: MaterialSummary, now: number): CertificateStatus[] {
    return [
      ...client.map((certificate) => this.#one('client', certificate, now)),
      ...ca.map((certificate) => this.#one('ca', certificate, now)),
    ]
  }

  /** How long the material as a whole works. */
  overall(summary: MaterialSummary, now: number): Overall {
    const certificates = decisive(summary)
    const each = certificates.map((certificate) => this.#one('ca', certificate, now))
    return {
      expiresAt: endOf(certificates),
      expiresSoon: each.some(({ expiresSoon }) => expiresSoon),
      expired: each.some(({ expired }) => expired),
    }
  }

  /** Publishes each certificate once when it is near its end, and once more when it has expired. */
  notice(summary: MaterialSummary): void {
    for (const { role, certificate, expiresInMs, expiresSoon, expired } of this.statusOf(
      summary,
      Date.now(),
    )) {
      const notice = `${certificate.fingerprint256} ${expired}`
      if (!expiresSoon || this.#noticed.has(notice)) continue
      this.#noticed.add(notice)
      expiryNoticed({ profile: this.#profile, role, certificate, expiresInMs, expired })
    }
  }

  #one(role: 'ca' | 'client', certificate: CertificateSummary, now: number): CertificateStatus {
    const end = certificate.validTo.getTime()
    const life = end - certificate.validFrom.getTime()
    const expiresInMs = end - now
    const soonMs = this.#soonMs ?? Math.min(defaultSoonMs, life / 3)
    return Object.freeze({
      role,
      certificate,
      expiresInMs,
      expiresSoon: expiresInMs <= soonMs,
      expired: expiresInMs < 0,
    })
  }
}

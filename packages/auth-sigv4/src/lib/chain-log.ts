import { reasonOfText } from './reasons.js'

/** What the SDK calls the links of its default chain, and what they are. */
const links: Readonly<Record<string, string>> = {
  fromEnv: 'environment',
  fromSSO: 'SSO',
  fromIni: 'profile',
  fromProcess: 'process',
  fromTokenFile: 'webIdentity',
  remoteProvider: 'container or instance',
}

/** What the chain concludes at its end, and settings of its links that are looked for here and there. */
const noReason =
  /^Could not load credentials from any providers|checking config file next|^Not found in (ENV|config files)/

/**
 * Why each link of the SDK's chain had nothing. The chain itself throws only the last reason; all of them go to its
 * `logger`, which this is. If the SDK changes the words of its log, the last reason remains.
 */
export class ChainLog {
  readonly #reasons = new Map<string, string>()
  #link = 'chain'

  readonly debug = (...content: unknown[]): void => {
    const [text] = content
    if (typeof text !== 'string') return
    const link = links[/^@aws-sdk\/credential-provider-node - defaultProvider::(\w+)$/.exec(text)?.[1] ?? '']
    const reason = /^@smithy\/property-provider (?:->|\(!\)) ([\s\S]*)$/.exec(text)?.[1]
    if (link) this.#link = link
    else if (reason !== undefined) this.add(reasonOfText(reason))
  }

  // The SDK's warnings (AWS_PROFILE beside AWS_ACCESS_KEY_ID …) would go to the console without these.
  readonly info = (): void => {}
  readonly warn = (): void => {}
  readonly error = (): void => {}

  /** The link that is being asked. */
  get link(): string {
    return this.#link
  }

  /** Whether the chain has come to its last link. */
  get isAtEnd(): boolean {
    return this.#link === links['remoteProvider']
  }

  /** Whether the link that was asked last has given a reason. */
  get explained(): boolean {
    return this.#reasons.has(this.#link)
  }

  /** The first reason of a link is the telling one. */
  add(reason: string): void {
    if (!noReason.test(reason) && !this.#reasons.has(this.#link)) this.#reasons.set(this.#link, reason)
  }

  /** Link → reason, in the order in which they were asked. */
  get reasons(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#reasons)
  }

  toString(): string {
    const texts = [...this.#reasons].map(([link, reason]) => `${link}: ${reason.replace(/\.$/, '')}`)
    return texts.length === 0 ? 'no link gave a reason' : texts.join('; ')
  }
}

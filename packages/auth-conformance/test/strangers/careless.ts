/** Careless implementations: for each clause the mistakes, and how they are made. */
import { type Connection, type Login, Stranger } from './provider.js'

type Obtain = (connection: Connection, ask: () => Promise<Login>) => Promise<Login>

/** Each provider has its own memory. */
function keeping(make: () => Obtain): typeof Stranger {
  return class extends Stranger {
    readonly #obtain = make()
    override obtain(connection: Connection): Promise<Login> {
      return this.#obtain(connection, () => super.obtain(connection))
    }
  }
}

function matching(isSame: (listed: string, name: string) => boolean): typeof Stranger {
  return class extends Stranger {
    override isSame(listed: string, name: string): boolean {
      return isSame(listed, name)
    }
  }
}

function ending(isNone: (expiresAt: unknown) => boolean): typeof Stranger {
  return class extends Stranger {
    override isOver(expiresAt: unknown): boolean {
      return !isNone(expiresAt) && super.isOver(expiresAt)
    }
  }
}

/** `show` gets a function that reads the password of a provider with a value. */
function showing(show: (provider: Stranger, password: () => string | undefined) => void): typeof Stranger {
  return class extends Stranger {
    constructor(scenario: ConstructorParameters<typeof Stranger>[0]) {
      super(scenario)
      const { credentials } = scenario
      show(this, () => (typeof credentials === 'function' ? undefined : credentials.password))
    }
  }
}

/** Keeps the password in a form that should not be recognized. */
function hiding(form: (password: string) => unknown): typeof Stranger {
  return showing((provider, password) =>
    Object.defineProperty(provider, 'last', { value: form(password() ?? '') }),
  )
}

const answers = new WeakMap<object, Login>()

export const careless: Readonly<Record<string, Readonly<Record<string, typeof Stranger>>>> = {
  'PROV-54': {
    'keeps the first answer': keeping(() => {
      let kept: Login | undefined
      return async (_, ask) => {
        kept ??= await ask()
        return kept
      }
    }),
    'keeps an answer for each server': keeping(() => {
      const kept = new Map<string, Login>()
      return async ({ endpoint }, ask) => {
        const answer = kept.get(endpoint) ?? (await ask())
        kept.set(endpoint, answer)
        return answer
      }
    }),
    'keeps answers from the second on': keeping(() => {
      let asked = 0
      let kept: Login | undefined
      return async (_, ask) => {
        if (asked++ < 2) kept = await ask()
        return kept as Login
      }
    }),
    'keeps it until expiresAt, and where there is none': keeping(() => {
      let kept: Login | undefined
      return async (_, ask) => {
        if (!kept || (kept.expiresAt as Date) <= new Date()) kept = await ask()
        return kept
      }
    }),
    'asks each time, and keeps the password': keeping(() => {
      let password: string | undefined
      return async (_, ask) => {
        const answer = await ask()
        password ??= answer?.password
        return answer && { ...answer, password: password as string }
      }
    }),
    'keeps the answer of a source in a WeakMap': class extends Stranger {
      override async obtain(connection: Connection): Promise<Login> {
        const { credentials } = this.scenario()
        if (typeof credentials !== 'function') return credentials
        const answer = answers.get(credentials) ?? (await super.obtain(connection))
        answers.set(credentials, answer)
        return answer
      }
    },
  },
  'PROV-55': {
    'keeps a promise that was rejected': keeping(() => {
      let asked: Promise<Login> | undefined
      return (_, ask) => {
        asked ??= ask().then((answer) => {
          asked = undefined
          return answer
        })
        return asked
      }
    }),
    'keeps the first Error': keeping(() => {
      let failure: Error | undefined
      return async (_, ask) => {
        if (failure) throw failure
        return ask().catch((reason) => {
          if (reason instanceof Error) failure = reason
          throw reason
        })
      }
    }),
    'stops asking after three failures': keeping(() => {
      let failures = 0
      return async (_, ask) => {
        if (failures >= 3) throw new Error('the breaker is open')
        return ask().catch((reason) => {
          failures++
          throw reason
        })
      }
    }),
    'stops asking where there was nothing once': keeping(() => {
      let isEmpty = false
      return async (_, ask) => {
        const answer = isEmpty ? undefined : await ask()
        isEmpty ||= answer === undefined
        return answer as Login
      }
    }),
  },
  'PROV-56': {
    'in lower case': matching((listed, name) => listed.toLowerCase() === name.toLowerCase()),
    'by the beginning': matching((listed, name) => name.startsWith(listed)),
    'by the beginning of what is listed': matching((listed, name) => listed.startsWith(name)),
    'by the end': matching((listed, name) => name.endsWith(listed)),
    'by the last twenty characters': matching((listed, name) => listed.slice(-20) === name.slice(-20)),
    'by the first thirty-two characters': matching(
      (listed, name) => listed.slice(0, 32) === name.slice(0, 32),
    ),
    'by a pattern without a backslash': matching((listed, name) => new RegExp(`^${listed}$`).test(name)),
    'by a pattern of lines': matching((listed, name) =>
      new RegExp(`^${listed.replaceAll('.', '\\.')}$`, 'm').test(name),
    ),
    'by the name without its package': matching(
      (listed, name) => listed.split('.').at(-1) === name.split('.').at(-1),
    ),
    'without blanks around it': matching((listed, name) => listed === name.trim()),
    'as far as an inner class': matching((listed, name) => listed === name.split('$')[0]),
    'as far as C reads it': matching((listed, name) => listed === name.split('\0')[0]),
    'by the letters without accents': matching(
      (listed, name) => listed.localeCompare(name, 'en', { sensitivity: 'base' }) === 0,
    ),
    'by the letters alone': matching(
      (listed, name) => listed.localeCompare(name, 'en', { ignorePunctuation: true }) === 0,
    ),
    'in the text of the whole list': class extends Stranger {
      override answers(name: string): boolean {
        return this.scenario().authenticators?.join(',').includes(name) ?? true
      }
    },
    'only in a list of one': class extends Stranger {
      override answers(name: string): boolean {
        const list = this.scenario().authenticators
        return !list || list.length > 1 || list[0] === name
      }
    },
  },
  'PROV-57': {
    'takes all that is false for none': ending((expiresAt) => !expiresAt),
    'takes null for none': ending((expiresAt) => expiresAt === null),
    'takes 0 for none': ending((expiresAt) => expiresAt === 0),
    'takes true and false for none': ending((expiresAt) => typeof expiresAt === 'boolean'),
    'takes whatever is no Date for none': ending((expiresAt) => !(expiresAt instanceof Date)),
    'takes an object for none': ending(
      (expiresAt) => typeof expiresAt === 'object' && expiresAt !== null && !(expiresAt instanceof Date),
    ),
    'takes a Date without a time for none': ending(
      (expiresAt) => expiresAt instanceof Date && Number.isNaN(expiresAt.getTime()),
    ),
    'makes a Date of it': class extends Stranger {
      override isOver(expiresAt: unknown): boolean {
        return expiresAt !== undefined && new Date(expiresAt as number).getTime() <= Date.now()
      }
    },
    'compares it unchanged': class extends Stranger {
      override isOver(expiresAt: unknown): boolean {
        return (expiresAt as Date) < new Date()
      }
    },
  },
  'PROV-78': {
    'by a getter of its own': showing((provider, get) => Object.defineProperty(provider, 'last', { get })),
    'by a getter under a symbol': showing((provider, get) =>
      Object.defineProperty(provider, Symbol('last'), { get }),
    ),
    'by a getter of a class inside': showing((provider, get) => {
      class Inside {
        get secret() {
          return get()
        }
      }
      Object.defineProperty(provider, 'inside', { value: new Inside() })
    }),
    'by a property of a function': showing((provider, get) =>
      Object.defineProperty(provider, 'helper', { value: Object.defineProperty(() => 1, 'last', { get }) }),
    ),
    'by a proxy that has no keys': showing((provider, get) => {
      const handler = { get: (_: object, key: unknown) => (key === 'password' ? get() : undefined) }
      Object.defineProperty(provider, 'options', { value: new Proxy({}, { ...handler, ownKeys: () => [] }) })
    }),
    'by an iterator': showing((provider, get) =>
      Object.defineProperty(provider, Symbol.iterator, {
        *value() {
          yield { deep: [get()] }
        },
      }),
    ),
    backwards: hiding((password) => [...password].reverse().join('')),
    'in hex': hiding((password) => Buffer.from(password).toString('hex')),
    'in base64': hiding((password) => Buffer.from(password).toString('base64')),
    'as codes': hiding((password) => Array.from(password, (each) => each.charCodeAt(0))),
    'by a getter of its class': class extends Stranger {
      get secret() {
        const { credentials } = this.scenario()
        return typeof credentials === 'function' ? undefined : credentials.password
      }
    },
    'by a static getter': (() => {
      let last: Stranger | undefined
      return class extends Stranger {
        static get last() {
          const credentials = last?.scenario().credentials
          return typeof credentials === 'function' ? undefined : credentials?.password
        }
        override newAuthenticator(endpoint: string, name: string) {
          last = this
          return super.newAuthenticator(endpoint, name)
        }
      }
    })(),
  },
}

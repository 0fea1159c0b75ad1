import { authError, type ChannelBindingType, type ExchangeContext } from '@x/auth-core/base'
import { scramServer } from '@x/auth-testserver'
import { boundTo } from '../../src/lib/bench.js'
import type { MechanismSubject } from '../../src/mechanism/subject.js'
import type { Mutant } from './mutant.js'
import { passwordSubject } from './password-accounts.js'
import { ReferenceScram } from './scram-reference.js'

const mechanism = 'SCRAM-SHA-256-PLUS'
const flag = 'p=tls-exporter'

/** SCRAM-SHA-256-PLUS. */
export class ReferencePlus extends ReferenceScram {
  override readonly name = mechanism

  constructor(readonly type: ChannelBindingType = 'tls-exporter') {
    super()
  }

  override binding(context: ExchangeContext): ReturnType<ReferenceScram['binding']> {
    const data = context.channelBinding?.(this.type)
    if (data) return { flag: `p=${this.type}`, data }
    throw authError('MECHANISM_FAILED', 'The connection has no channel binding.')
  }
}

function plusSubject(name: string, plus: ReferencePlus): MechanismSubject {
  return { ...passwordSubject(name, plus, (users) => scramServer({ users, mechanism })), bound: true }
}

function plusMutant(breaks: string, flaw: string, Mechanism: typeof ReferencePlus): Mutant {
  return { breaks, subject: plusSubject(`${breaks}: ${flaw}`, new Mechanism()) }
}

/** SCRAM-SHA-256 that says when it could bind. */
class ReferenceAble extends ReferenceScram {
  override binding(context: ExchangeContext): ReturnType<ReferenceScram['binding']> {
    return { flag: this.sees(context) ? 'y' : 'n', data: Buffer.alloc(0) }
  }

  sees(context: ExchangeContext): boolean {
    return context.channelBinding?.('tls-exporter') !== undefined
  }
}

function ableSubject(name: string, able: ReferenceAble): MechanismSubject {
  const server = (users: Readonly<Record<string, string>>) =>
    scramServer({ users, channelBinding: ['tls-exporter'] })
  return { ...passwordSubject(name, able, server), couldBind: true }
}

export const channelBindingMutants: readonly Mutant[] = [
  plusMutant(
    'MECH-90',
    'binds to the connection that it learned of once',
    class extends ReferencePlus {
      override binding(context: ExchangeContext) {
        return context.channelBinding?.('tls-exporter') ? { flag, data: boundTo } : super.binding(context)
      }
    },
  ),
  plusMutant(
    'MECH-91',
    'goes on without a binding where there is none',
    class extends ReferencePlus {
      override binding(context: ExchangeContext) {
        return context.channelBinding?.('tls-exporter')
          ? super.binding(context)
          : { flag: 'n', data: Buffer.alloc(0) }
      }
    },
  ),
  {
    breaks: 'MECH-92',
    subject: ableSubject(
      'MECH-92: does not say so where the connection has no binding',
      new (class extends ReferenceAble {
        override sees(context: ExchangeContext): boolean {
          return Boolean(context.channelBinding?.('tls-exporter'))
        }
      })(),
    ),
  },
]

export const channelBindingReferences = [
  ableSubject('the reference of SCRAM that could bind', new ReferenceAble()),
  plusSubject('the reference of SCRAM with channel binding', new ReferencePlus()),
]

import { authError, type ExchangeContext } from '@x/auth-core/base'
import { scramServer } from '@x/auth-testserver'
import { boundTo } from '../../src/lib/bench.js'
import type { MechanismSubject } from '../../src/mechanism/subject.js'
import type { Mutant } from './mutant.js'
import { passwordSubject } from './password-accounts.js'
import { ReferenceScram } from './scram-reference.js'

const mechanism = 'SCRAM-SHA-256-PLUS'
const flag = 'p=tls-exporter'

/** SCRAM-SHA-256-PLUS, bound by `tls-exporter`. */
class ReferencePlus extends ReferenceScram {
  override readonly name = mechanism

  override binding(context: ExchangeContext): ReturnType<ReferenceScram['binding']> {
    const data = context.channelBinding?.('tls-exporter')
    if (data) return { flag, data }
    throw authError('MECHANISM_FAILED', 'The connection has no channel binding.')
  }
}

function plusSubject(name: string, plus: ReferencePlus): MechanismSubject {
  return { ...passwordSubject(name, plus, (users) => scramServer({ users, mechanism })), bound: true }
}

function plusMutant(breaks: string, flaw: string, Mechanism: typeof ReferencePlus): Mutant {
  return { breaks, subject: plusSubject(`${breaks}: ${flaw}`, new Mechanism()) }
}

export const channelBindingMutants: readonly Mutant[] = [
  plusMutant(
    'MECH-90',
    'binds to the connection that it was told of once',
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
]

export const channelBindingReferences = [
  plusSubject('the reference of SCRAM with channel binding', new ReferencePlus()),
]

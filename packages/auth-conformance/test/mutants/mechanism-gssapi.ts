import {
  authError,
  type ClientStep,
  type Conversation,
  type ExchangeContext,
  finish,
  type ServerProof,
  type ServerToken,
} from '@x/auth-core/base'
import { gssapiMutant, gssapiSubject, ReferenceGssapi } from './gssapi-reference.js'
import type { Mutant } from './mutant.js'

const offerMutants: readonly Mutant[] = [
  gssapiMutant(
    'MECH-70',
    'does without a layer whatever is offered',
    class extends ReferenceGssapi {
      override acceptsLayers(): boolean {
        return true
      }
    },
  ),
  gssapiMutant(
    'MECH-71',
    'looks at the first byte of the offer alone',
    class extends ReferenceGssapi {
      override acceptsLength(): boolean {
        return true
      }
    },
  ),
  gssapiMutant(
    'MECH-72',
    'takes whatever can be unwrapped',
    class extends ReferenceGssapi {
      override acceptsFlags(): boolean {
        return true
      }
    },
  ),
  gssapiMutant(
    'MECH-73',
    'knows no rotation',
    class extends ReferenceGssapi {
      override checkToken(token: ServerToken): Buffer {
        const bytes = super.checkToken(token)
        if (bytes.readUInt16BE(6) !== 0) throw authError('CHALLENGE_INVALID', 'RRC is not 0.')
        return bytes
      }
    },
  ),
  gssapiMutant(
    'MECH-74',
    'sends the size of the server back',
    class extends ReferenceGssapi {
      override choice(offer: Buffer): string {
        return offer.toString('base64')
      }
    },
  ),
  gssapiMutant(
    'MECH-75',
    'writes an authorization id in UTF-8 twice',
    class extends ReferenceGssapi {
      override user(authorizationId: string): string {
        return Buffer.from(authorizationId, 'utf8').toString('latin1')
      }
    },
  ),
]

const contextMutants: readonly Mutant[] = [
  gssapiMutant(
    'MECH-76',
    'lets the proof of the server come with its success',
    class extends ReferenceGssapi {
      override first(ticket: Buffer, context: ExchangeContext): ClientStep<ServerProof> {
        return finish(ticket, (data) => {
          if (!data?.length) throw authError('UNEXPECTED_SUCCESS')
          return context.vouchForServer()
        })
      }
    },
  ),
  gssapiMutant(
    'MECH-77',
    'does not ask the server for a proof of its own',
    class extends ReferenceGssapi {
      override readonly flags = 8
    },
  ),
  gssapiMutant(
    'MECH-78',
    'answers an empty challenge, wherever it comes',
    class extends ReferenceGssapi {
      override async *afterwards(more: ServerToken, context: ExchangeContext): Conversation<ServerProof> {
        if (more?.length === 0) yield finish(Buffer.alloc(0), () => context.vouchForServer())
      }
    },
  ),
]

export const gssapiMutants: readonly Mutant[] = [...offerMutants, ...contextMutants]

export const gssapiReferences = [gssapiSubject('the reference of GSSAPI', new ReferenceGssapi())]

import { clientMutants, clientReferences } from './client.js'
import { connectionMutants, connectionReferences } from './connection.js'
import { mechanismMutants, mechanismReferences } from './mechanism.js'
import { channelBindingMutants, channelBindingReferences } from './mechanism-channel-binding.js'
import { digestMd5Mutants, digestMd5References } from './mechanism-digest-md5.js'
import { gssapiMutants, gssapiReferences } from './mechanism-gssapi.js'
import { oauthBearerMutants, oauthBearerReferences } from './mechanism-oauthbearer.js'
import { scramMutants, scramReferences } from './mechanism-scram.js'
import type { Mutant } from './mutant.js'
import { OwnKindAuthenticator, ownKindSubject } from './own-kind-reference.js'
import { PlainReferenceAuthenticator, plainReferenceSubject } from './plain-reference.js'
import { challengeMutants } from './provider-challenges.js'
import { contractMutants } from './provider-contract.js'
import { deadlineMutants } from './provider-deadline.js'
import { DseReferenceAuthenticator, dseMutants, dseReferenceSubject } from './provider-dse.js'
import { outcomeMutants } from './provider-outcome.js'
import { ownMechanismMutants, ownMechanismReferences } from './provider-own-mechanisms.js'
import { recordMutants, restMutants, secretMutants, wordMutants } from './provider-rest.js'
import { sourceMutants as providerSourceMutants } from './provider-source.js'
import { ReferenceProvider, referenceSubject } from './reference-provider.js'
import { sourceMutants, sourceReferences } from './source.js'
import { keepingMutants, keepingReferences } from './source-keeping.js'
import { tlsMutants, tlsReferences } from './tls.js'

/** Every mutant of every suite. */
export const mutants: readonly Mutant[] = [
  ...contractMutants,
  ...outcomeMutants,
  ...deadlineMutants,
  ...challengeMutants,
  ...providerSourceMutants,
  ...restMutants,
  ...secretMutants,
  ...wordMutants,
  ...recordMutants,
  ...dseMutants,
  ...ownMechanismMutants,
  ...mechanismMutants,
  ...scramMutants,
  ...channelBindingMutants,
  ...digestMd5Mutants,
  ...oauthBearerMutants,
  ...gssapiMutants,
  ...sourceMutants,
  ...keepingMutants,
  ...tlsMutants,
  ...connectionMutants,
  ...clientMutants,
]

/** The references of the mutants. They keep every promise. */
export const references = [
  referenceSubject('the reference provider', ReferenceProvider),
  plainReferenceSubject('the reference provider with PLAIN', PlainReferenceAuthenticator),
  dseReferenceSubject('the reference provider with DseAuthenticator', DseReferenceAuthenticator),
  ownKindSubject('the reference provider for its own kind', OwnKindAuthenticator),
  ...ownMechanismReferences,
  ...mechanismReferences,
  ...scramReferences,
  ...channelBindingReferences,
  ...digestMd5References,
  ...oauthBearerReferences,
  ...gssapiReferences,
  ...sourceReferences,
  ...keepingReferences,
  ...tlsReferences,
  ...connectionReferences,
  ...clientReferences,
]

/** The authorization server signs with another key, and the nodes refuse tokens of the old key. */
import { cutWhileLoggingIn } from '../lib/patterns.mjs'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'tokens revoked, keys rotated',
  about:
    'The authorization server gets a new key and no longer publishes the old one, so the nodes refuse the token that the client has (OAUTHBEARER). The client gets one of the new key.',
  undo: 'Nothing: the new key stays.',
  touches: ['token', 'mechanism'],
  explains: {
    refused: {
      channel: 'exchange',
      user: 'token',
      node: 'chosen',
      // The refusal is in a challenge of the server.
      outcome: ['refused'],
      code: ['OAUTHBEARER_REFUSED'],
    },
    fetched: { channel: 'credentials', user: 'token', outcome: ['success'] },
    'logged in': {
      channel: 'exchange',
      user: 'token',
      node: 'chosen',
      outcome: ['success'],
      mechanism: /^OAUTHBEARER$/,
    },
  },
  allows: [
    { channel: 'exchange', user: 'token', outcome: ['refused'], code: ['OAUTHBEARER_REFUSED'] },
    cutWhileLoggingIn,
  ],
  controlMayFail: null,
  async run(lab) {
    const { index } = lab.chooseNode(lab.asks.indexOf('scram'))
    const { tokens } = lab.secrets
    await tokens.rotateKeys()
    await tokens.forgetOldKeys()
    lab.accounts.forgetKeys()
    await lab.cut({ user: 'token', node: index })
    await lab.seen('refused')
    await lab.seen('fetched')
    await lab.healed()
    lab.mark()
    await lab.cut({ user: 'token', node: index })
    await lab.seen('logged in')
  },
}

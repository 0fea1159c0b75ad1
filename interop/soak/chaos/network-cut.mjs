/** The network to a node is down. */
import { setTimeout as delay } from 'node:timers/promises'

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'the network cut',
  about:
    'A proxy in front of a node closes all connections to it, and each new one at once, for two to six seconds.',
  undo: 'The proxy lets connections through again.',
  touches: ['network'],
  explains: { back: { channel: 'exchange', node: 'chosen', outcome: ['success'], each: 'user' } },
  allows: [
    { channel: 'exchange', node: 'chosen', outcome: ['failure', 'unresolved'], code: ['CONNECTION_LOST'] },
  ],
  controlMayFail: /^(?:OperationTimedOutError|NoHostAvailableError)/,
  async run(lab, random) {
    const { index } = lab.choose(random)
    lab.network(index, true)
    await delay(2_000 + random.below(4_000))
    lab.network(index, false)
    await lab.seen('back')
  },
}

/** A node accepts no connection without TLS. */
import assert from 'node:assert/strict'
import { CqlConnection } from '../../lib/cql-connection.mjs'
import { nodeInTrouble, whatARestartCosts } from '../lib/patterns.mjs'

/** @type {import('../declaration.mjs').Pattern} */
const loggedIn = { channel: 'exchange', node: 'chosen', outcome: ['success'], each: 'user' }

/** @type {Omit<import('../declaration.mjs').Kind, 'name' | 'sort'>} */
export const kind = {
  title: 'TLS required, and optional again',
  about:
    'One node goes from `optional: true` to `optional: false`, by a restart, and refuses connections without TLS. Then it accepts both again.',
  undo: 'The way back, which is part of the change.',
  touches: ['nodes', 'certificates'],
  explains: { required: loggedIn, optional: loggedIn },
  allows: nodeInTrouble,
  controlMayFail: whatARestartCosts,
  async run(lab, random) {
    const { node, index } = lab.choose(random)
    const before = lab.tlsOf(index)
    for (const [name, options] of /** @type {const} */ ([
      ['required', { ...before, optional: false }],
      ['optional', before],
    ])) {
      lab.mark()
      await lab.setTls(index, options)
      await lab.seen(name)
      assert.equal(await answersWithoutTls(node), name === 'optional', name)
      await lab.healed()
    }
  },
}

/** @param {{ address: string, port: number }} node */
async function answersWithoutTls({ address, port }) {
  /** @type {CqlConnection | undefined} */
  let connection
  try {
    connection = await CqlConnection.open({ address, port })
    return (await connection.request('OPTIONS')).opcode === 'SUPPORTED'
  } catch {
    return false
  } finally {
    connection?.close()
  }
}

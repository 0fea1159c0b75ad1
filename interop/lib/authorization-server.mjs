/** Runs `oidc-provider` in its own process. The tests of `@x/auth-oidc` use the same server. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const script = new URL('../../packages/auth-oidc/test/support/provider-process.mjs', import.meta.url)

export async function startAuthorizationServer() {
  const child = fork(fileURLToPath(script), ['{}'], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [{ url }] = await once(child, 'message')
  let id = 0
  /** @param {string} call @param {...unknown} args */
  const ask = async (call, ...args) => {
    const answer = once(child, 'message')
    child.send({ id: ++id, call, args })
    const [{ error, result }] = await answer
    if (error !== undefined) throw new Error(error)
    return result
  }
  return {
    /** @type {string} */
    url,
    /** @param {{ ttl?: number, skewMs?: number }} state */
    set: (state) => ask('set', state),
    rotateKeys: () => ask('rotateKeys'),
    forgetOldKeys: () => ask('forgetOldKeys'),
    /** @returns {Promise<{ path: string }[]>} */
    requests: () => ask('requests'),
    async stop() {
      const ended = once(child, 'exit')
      child.send({ id: -1, call: 'close', args: [] })
      await ended
    },
  }
}

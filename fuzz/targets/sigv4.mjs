/** The challenge of Amazon Keyspaces. */
import { isAuthError } from '@x/auth-core'
import { sigV4 } from '@x/auth-sigv4'
import { converse } from '../lib/conversation.mjs'
import { changeMessages, packMessages, unpackMessages } from '../mutators/messages.mjs'
import { changeText } from '../mutators/text.mjs'

const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}

/** @type {import('../lib/target.mjs').Target[]} */
export const targets = [
  {
    name: 'sigv4',
    covers: ['auth-sigv4/dist'],
    seeds: () =>
      ['nonce=91703fdc2ef562e19fbdab0f58e42fe5', 'a=b,nonce=00000000000000000000000000000000', 'nonce='].map(
        (text) => packMessages({ head: 0, messages: [Buffer.from(text)] }),
      ),
    change: changeMessages(changeText(['nonce=', '91703fdc2ef562e19fbdab0f58e42fe5'], /([,=])/)),
    async run(input) {
      const { messages } = unpackMessages(input)
      try {
        await converse(sigV4({ region: 'us-west-2' }), credentials, { port: 9142 }, messages, null)
      } catch (error) {
        if (!isAuthError(error) || error.code === 'MECHANISM_FAILED') throw error
      }
    },
  },
]

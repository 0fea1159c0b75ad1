/** The clock of the clients jumps forward by an hour. */
import { clockJump } from '../lib/clock-jump.mjs'

export const kind = clockJump({
  seconds: 3_600,
  title: 'the clock an hour ahead',
  about:
    'The clock of the clients jumps forward by an hour (libfaketime; timers go on), they log in to every node, and the clock jumps back to the right time.',
})

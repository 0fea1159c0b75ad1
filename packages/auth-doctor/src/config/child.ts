/** The process in which in-process.ts checks a file. */
import { takeChannel } from './channel.js'
import { checkConfig } from './check-config.js'

const send = takeChannel(process)
void checkConfig(process.argv[2] as string).then(send)

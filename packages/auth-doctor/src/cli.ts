/** The command `auth-doctor`; the file in `bin/` loads it. */
import { main } from './main.js'
import { watchOutput } from './output.js'

let isLost = false
watchOutput(process, () => {
  isLost = true
  process.exitCode = 1
})

void main(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
}).then((code) => {
  process.exitCode = isLost ? 1 : code
})

/** The command `auth-doctor`; the file in `bin/` loads it. */
import { main } from './main.js'

void main(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
}).then((code) => {
  process.exitCode = code
})

/** The command `auth-doctor` for the suites. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { interopRoot } from './paths.mjs'

const command = join(interopRoot, '../packages/auth-doctor/bin/auth-doctor.cjs')

/**
 * Runs the command like a user does.
 * @param {readonly string[]} args @param {string} [password]
 * @returns {Promise<{ code: number | null, report: import('@x/auth-doctor').Report }>}
 */
export function doctor(args, password) {
  const environment = password === undefined ? {} : { AUTH_DOCTOR_PASSWORD: password }
  const child = spawn(process.execPath, [command, ...args, '--json', '--timeout', '60'], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (text) => {
    out += text
  })
  child.stderr.on('data', (text) => {
    err += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (out === '') reject(new Error(`the doctor says nothing: ${err}`))
      else resolve({ code, report: JSON.parse(out) })
    })
  })
}

/** @param {import('@x/auth-doctor').Report} report */
export const codes = ({ findings }) => findings.map(({ code }) => code)

/** Finds a headless Chromium: the one of the machine, or Debian's package, which root installs with apt-get. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { aptGet } from './apt.mjs'
import { run } from './lib.mjs'

const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'chrome']
const debianPackage = 'chromium-headless-shell'

/** @returns {string} the path of the program; throws if there is none and it cannot be installed */
export function chromium() {
  const { CHROMIUM } = process.env
  if (CHROMIUM) return CHROMIUM
  return onPath() ?? install()
}

function onPath() {
  return names
    .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)))
    .find((file) => existsSync(file))
}

function install() {
  console.log(`  installing ${debianPackage} (65 MB, once) …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args) => run(...aptGet(...args), { env })
  const packages = ['install', '-y', '--no-install-recommends', debianPackage]
  // A new machine has no package lists, and the lists of an old one name packages that no longer exist.
  let result = apt(...packages)
  if (!result.ok) {
    apt('update')
    result = apt(...packages)
  }
  const installed = onPath()
  if (installed) return installed
  throw new Error(
    `there is no Chromium, and apt-get did not install one. Install it and put it on the path, or name it in CHROMIUM.\n${result.output}`,
  )
}

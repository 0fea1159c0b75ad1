import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A home folder and AWS variables for one test; nothing of this machine's own shows through. */
export class Environment {
  readonly home = mkdtempSync(join(tmpdir(), 'auth-sigv4-'))
  readonly #before = { ...process.env }

  constructor() {
    for (const name of Object.keys(process.env)) if (isOfThisMachine(name)) delete process.env[name]
    // The SDK would ask the network of the machine, which may well answer.
    this.set({ HOME: this.home, USERPROFILE: this.home, AWS_EC2_METADATA_DISABLED: 'true' })
  }

  set(variables: Readonly<Record<string, string | undefined>>): this {
    for (const [name, value] of Object.entries(variables)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    return this
  }

  /** Writes a file below the home folder, such as `.aws/config`; returns its path. */
  write(path: string, content: string): string {
    const file = join(this.home, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
    return file
  }

  restore(): void {
    for (const name of Object.keys(process.env)) if (!(name in this.#before)) delete process.env[name]
    Object.assign(process.env, this.#before)
    rmSync(this.home, { recursive: true, force: true })
  }
}

/** Those of the SDK itself (AWS_SDK_JS_…) say nothing of credentials; jest.config.mjs sets one. */
function isOfThisMachine(name: string): boolean {
  return name.startsWith('AWS_') && !name.startsWith('AWS_SDK_JS_')
}

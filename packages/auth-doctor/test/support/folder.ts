import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of one test file, and how to put a file into it. */
export function temporaryFolder(parent = tmpdir()) {
  const path = mkdtempSync(join(parent, 'auth-doctor-'))
  return {
    path,
    write(name: string, text: string): string {
      const file = join(path, name)
      writeFileSync(file, text)
      return file
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

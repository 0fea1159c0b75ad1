import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const made: string[] = []

/** An empty folder for one test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tls-profiles-'))
  made.push(path)
  return path
}

/** Writes a file into a new folder and returns its path. */
export function fileWith(contents: string | Buffer, name = 'file.pem'): string {
  const path = join(folder(), name)
  writeFileSync(path, contents)
  return path
}

export function removeFolders(): void {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true })
}

/**
 * Checks the manifests of the recipes against the schemas of Kubernetes, cert-manager and External Secrets. The
 * validators of `kubernetes-models` find missing and wrong values, and its types find unknown fields.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { parseAllDocuments } from 'yaml'

const here = import.meta.dirname
/** Maps the group of an API to the package with its schemas. */
const schemas = {
  'cert-manager.io': '@kubernetes-models/cert-manager',
  'external-secrets.io': '@kubernetes-models/external-secrets',
}
const files = readdirSync(here).filter((file) => file.endsWith('.yaml'))
const manifests = files.flatMap((file) => parse(file, readFileSync(join(here, file), 'utf8')))
assert.ok(manifests.length > 0)
for (const manifest of manifests) await validate(manifest)
assert.deepEqual(unknownFields(manifests), [])
console.log(`${manifests.length} manifests of ${files.join(', ')} are valid`)

// Tests the check itself: it finds a missing value, a wrong value and an unknown name.
const wrong = (spec) => {
  const [manifest] = parse('spiffe.yaml', readFileSync(join(here, 'spiffe.yaml'), 'utf8'))
  Object.assign(manifest.content.spec, spec)
  return manifest
}
await assert.rejects(
  validate(wrong({ usages: ['client'], issuerRef: undefined })),
  /issuerRef[\s\S]*usages\/0/,
)
assert.match(unknownFields([wrong({ renewedBefore: '8h' })]).join('\n'), /renewedBefore"' does not exist/)

/** @param {string} file @param {string} text */
function parse(file, text) {
  return parseAllDocuments(text).map((document) => {
    assert.deepEqual(document.errors, [], file)
    const content = document.toJS()
    const { apiVersion, kind } = content
    const schema = `${schemas[apiVersion.split('/')[0]] ?? 'kubernetes-models'}/${apiVersion}/${kind}`
    return { file, content, kind, schema }
  })
}

async function validate({ file, content, kind, schema }) {
  const { [kind]: Model } = await import(schema)
  try {
    new Model(content).validate()
  } catch (error) {
    throw new Error(`${file}, ${kind}: ${error.message}`)
  }
}

/** The errors of the compiler for the same objects in TypeScript. */
function unknownFields(all) {
  const name = join(here, 'manifests.generated.ts')
  const lines = all.flatMap(({ content, kind, schema }, index) => [
    `import type { I${kind} as Kind${index} } from '${schema}'`,
    `export const manifest${index}: Kind${index} = ${JSON.stringify(content)}`,
  ])
  const options = {
    module: ts.ModuleKind.NodeNext,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.getSourceFile = (file, ...rest) =>
    file === name
      ? ts.createSourceFile(file, lines.join('\n'), ts.ScriptTarget.ES2022)
      : getSourceFile(file, ...rest)
  host.fileExists = (file) => file === name || fileExists(file)
  return ts
    .getPreEmitDiagnostics(ts.createProgram([name], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

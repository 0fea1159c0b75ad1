import Ajv from 'ajv/dist/2020'
import { createColors } from 'picocolors'
import schema from '../../report.schema.json'
import { renderJson } from '../../src/render/json.js'
import { renderConfig, renderTerminal } from '../../src/render/terminal.js'
import type { ConfigReport, Report } from '../../src/report.js'
import { sentinel } from './sentinel.js'

const validate = new Ajv({ allErrors: true, formats: { 'date-time': true } }).compile(schema)

/** What holds for each report whatever was found: it fits the schema, no secret is in it, and no stack. */
export function checked<R extends Report | ConfigReport>(report: R): R {
  const json = renderJson(report)
  const isValid = validate(JSON.parse(json))
  expect({ isValid, errors: validate.errors }).toEqual({ isValid: true, errors: null })
  for (const text of [json, ...renderings(report)]) {
    expectNoSecret(text)
    expect(text).not.toMatch(/\n\s+at \S+.*:\d+/)
  }
  return report
}

function renderings(report: Report | ConfigReport): string[] {
  const colors = createColors(false)
  if ('file' in report) return [renderConfig(report, colors)]
  return (['esm', 'commonjs', 'typescript'] as const).map((each) => renderTerminal(report, colors, each))
}

/** In none of the forms in which it could pass through a program. */
export function expectNoSecret(text: string): void {
  const bytes = Buffer.from(sentinel)
  for (const form of [
    sentinel,
    bytes.toString('base64'),
    bytes.toString('hex'),
    encodeURIComponent(sentinel),
  ]) {
    expect(text).not.toContain(form)
  }
}

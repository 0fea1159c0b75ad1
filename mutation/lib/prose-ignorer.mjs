/**
 * Sentences are not mutated, because a test asserts the code of an error and one field, but not its text. A text is a sentence if it
 * has three words in a row, and if it contains no expression that could be mutated itself.
 */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

export const reason = 'a sentence for people'

const sentence = /[a-z,;:'’]+ [a-z'’]+ [a-z'’]+/i

/** @param {any} node of Babel's tree */
export function isProse(node) {
  if (node.type === 'StringLiteral') return sentence.test(node.value)
  if (node.type !== 'TemplateLiteral') return false
  const text = node.quasis.map((/** @type {any} */ { value }) => value.cooked ?? value.raw).join('x')
  return sentence.test(text) && node.expressions.every(isPlain)
}

/** @param {any} node @returns {boolean} */
function isPlain({ type, object, property, callee, arguments: given }) {
  if (['Identifier', 'ThisExpression', 'PrivateName', 'NumericLiteral'].includes(type)) return true
  if (type === 'MemberExpression') return isPlain(object) && isPlain(property)
  return type === 'CallExpression' && isPlain(callee) && given.every(isPlain)
}

/** @type {import('@stryker-mutator/api/ignore').Ignorer} */
export const proseIgnorer = {
  shouldIgnore: (/** @type {any} */ { node }) => (isProse(node) ? reason : undefined),
}

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'prose', proseIgnorer)]

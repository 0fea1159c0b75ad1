/**
 * Which exported functions and classes take options, by their declarations as they are shipped, and whether each has
 * declared them: a bag of its name, whose options are those of the type.
 */
import { join } from 'node:path'
import ts from 'typescript'

/** A type of options: named so, or written where it is used. Everything else is what a function works on. */
const optionsType = /(Options|Choices)\b|^\{/

/** These need no bag of their own, and why. */
const without = { SaslAuthProvider: 'reads them by the bag of its mechanism: the rows of registry.ts' }

/** These build an option: their limits are written in the code. */
export const builders = { duration: true, whole: true }

/** `Name takes options …` for each that has no bag. */
export function withoutBag(packages, bags) {
  const known = new Set(bags.flatMap((each) => each.bags.map(({ who }) => who)))
  return packages.flatMap(({ name, folder, manifest }) =>
    takersOf(folder, manifest)
      .filter((taker) => !known.has(taker) && !(taker in without) && !(taker in builders))
      .map(
        (taker) =>
          `${taker} of ${name} takes options and has no bag: declare optionBag('${taker}', { … } satisfies Spec<…>) beside its interface, and read them with readOptions.`,
      ),
  )
}

/**
 * `{ name, entry, at, orText }` of all that take options in these entries, `{ entry: file with its types }`. `at`: the parameters
 * that are options; `orText`: whether one of them may be a text instead.
 */
export function takersIn(entries) {
  const program = ts.createProgram(Object.values(entries), {
    module: ts.ModuleKind.NodeNext,
    skipLibCheck: true,
    strict: true,
  })
  const checker = program.getTypeChecker()
  const takers = Object.entries(entries).flatMap(([entry, file]) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file))
    return checker
      .getExportsOfModule(module)
      .map((symbol) => ({ name: symbol.name, entry, ...optionsOf(checker, symbol) }))
  })
  const known = new Set()
  return takers.filter(({ name, at }) => at.length > 0 && !known.has(name) && known.add(name))
}

function takersOf(folder, { exports }) {
  const typed = Object.entries(exports).filter(([, { types }]) => types)
  const entries = Object.fromEntries(typed.map(([entry, { types }]) => [entry, join(folder, types)]))
  return takersIn(entries).map(({ name }) => name)
}

function optionsOf(checker, symbol) {
  const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const functions = (real.declarations ?? []).flatMap((declaration) => {
    if (ts.isFunctionDeclaration(declaration)) return [declaration]
    return ts.isClassDeclaration(declaration) ? declaration.members.filter(ts.isConstructorDeclaration) : []
  })
  const typesAt = functions.flatMap(({ parameters }) =>
    parameters.map(({ type }, index) => ({ index, type: type?.getText() ?? '' })),
  )
  const at = [...new Set(typesAt.filter(({ type }) => optionsType.test(type)).map(({ index }) => index))]
  return { at, orText: typesAt.some(({ type, index }) => at.includes(index) && /\bstring\b/.test(type)) }
}

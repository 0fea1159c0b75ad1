/**
 * Finds the exported functions and classes that take options, from the shipped declarations. Checks that each has
 * declared them: it needs a bag with its name, and the bag must have the options of the type.
 */
import { join } from 'node:path'
import ts from 'typescript'

/**
 * A type is a type of options if its name says so, or if it is written at the parameter. Everything else is data of the
 * function.
 */
const optionsType = /(Options|Choices)\b|^\{/

/** These do not need their own bag. The text is the reason. */
const without = { SaslAuthProvider: 'reads them by the bag of its mechanism: the rows of registry.ts' }

/** These build an option. Their limits are in the code. */
export const builders = { duration: true, whole: true }

/** Returns `Name takes options …` for each without a bag. */
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
 * Returns `{ name, entry, at, orText }` for each that takes options in these entries, `{ entry: file with its types }`. `at`: the
 * parameters that are options; `orText`: whether one of them may also be a text.
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

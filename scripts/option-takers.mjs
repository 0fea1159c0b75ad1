/**
 * Which exported functions and classes take options, by their declarations as they are shipped, and whether each has
 * declared them: a bag of its name, whose options are those of the type.
 */
import { join } from 'node:path'
import ts from 'typescript'

/** A type of options: named so, or written where it is used. Everything else is what a function works on. */
const optionsType = /(Options|Choices)\b|^\{/

/** These need no bag of their own, and why. */
const without = {
  SaslAuthProvider: 'reads them by the bag of its mechanism: the rows of registry.ts',
  fromEnv: 'its names are the fields of the credentials',
  duration: 'builds an option: its limits are written in the code',
  whole: 'builds an option: its limits are written in the code',
}

/** `Name takes options …` for each that has no bag. */
export function withoutBag(packages, bags) {
  const known = new Set(bags.flatMap((each) => each.bags.map(({ who }) => who)))
  return packages.flatMap(({ name, folder, manifest }) =>
    takersOf(folder, manifest)
      .filter((taker) => !known.has(taker) && !(taker in without))
      .map(
        (taker) =>
          `${taker} of ${name} takes options and has no bag: declare optionBag('${taker}', { … } satisfies Spec<…>) beside its interface, and read them with readOptions.`,
      ),
  )
}

function takersOf(folder, manifest) {
  const files = Object.values(manifest.exports)
    .filter(({ types }) => types)
    .map(({ types }) => join(folder, types))
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.NodeNext,
    skipLibCheck: true,
    strict: true,
  })
  const checker = program.getTypeChecker()
  const takers = files.flatMap((file) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file))
    return checker.getExportsOfModule(module).filter((symbol) => takesOptions(checker, symbol))
  })
  return [...new Set(takers.map(({ name }) => name))]
}

function takesOptions(checker, symbol) {
  const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const functions = (real.declarations ?? []).flatMap((declaration) => {
    if (ts.isFunctionDeclaration(declaration)) return [declaration]
    return ts.isClassDeclaration(declaration) ? declaration.members.filter(ts.isConstructorDeclaration) : []
  })
  return functions.some(({ parameters }) =>
    parameters.some(({ type }) => type && optionsType.test(type.getText())),
  )
}

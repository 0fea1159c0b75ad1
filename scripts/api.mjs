/** The public API of a package as text, from the shipped declarations. A reviewer sees each change of it. */
import { join } from 'node:path'
import ts from 'typescript'

/**
 * The exported names with their declarations, in order, without comments and bodies. After them come the types that these
 * declarations use but that are not exported, because a change of them is a change of the API too.
 */
export function renderApi(folder, manifest) {
  const entries = Object.entries(manifest.exports).filter(([, target]) => target.types)
  const files = entries.map(([, target]) => join(folder, target.types))
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.NodeNext,
    skipLibCheck: true,
    strict: true,
    types: ['node'],
  })
  const checker = program.getTypeChecker()
  const printer = ts.createPrinter({ removeComments: true })
  const print = (nodes) =>
    nodes.map((node) => printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()))

  const exported = new Set()
  const sections = entries.map(([subpath], index) => {
    const source = program.getSourceFile(files[index])
    const module = source && checker.getSymbolAtLocation(source)
    if (!module) throw new Error(`${files[index]} is not a module; is the package built?`)
    const nodes = checker
      .getExportsOfModule(module)
      .map((symbol) => original(checker, symbol))
      .sort(byName)
      .flatMap(({ declarations = [] }) => declarations.map(statementOf))
    for (const node of nodes) exported.add(node)
    return [`// ${manifest.name}${subpath.slice(1)}`, '', ...print(nodes)]
  })
  const inner = typesBehind(checker, exported, join(folder, 'dist'))
  if (inner.length > 0) sections.push(['// not exported, and part of the above', '', ...print(inner)])
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

/** The interfaces and type aliases of the package that the nodes refer to, directly or through other types. */
function typesBehind(checker, exported, dist) {
  const found = new Map()
  const visit = (node) => {
    if (ts.isIdentifier(node)) {
      const symbol = original(checker, checker.getSymbolAtLocation(node))
      for (const declaration of symbol?.declarations ?? []) {
        const isType = ts.isInterfaceDeclaration(declaration) || ts.isTypeAliasDeclaration(declaration)
        const isOwn = declaration.getSourceFile().fileName.startsWith(dist)
        if (!isType || !isOwn || exported.has(declaration) || found.has(declaration)) continue
        found.set(declaration, symbol)
        visit(declaration)
      }
    }
    ts.forEachChild(node, visit)
  }
  for (const node of exported) visit(node)
  return [...found].sort(([, a], [, b]) => byName(a, b)).map(([declaration]) => declaration)
}

function original(checker, symbol) {
  return symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

function byName({ name: a }, { name: b }) {
  return a < b ? -1 : 1
}

function statementOf(node) {
  return ts.isVariableDeclaration(node) ? node.parent.parent : node
}

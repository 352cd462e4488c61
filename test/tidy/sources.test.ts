import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { read, sourceFiles, workspaceFiles } from './src/workspace.js'

const maxFileLines = 500
const maxFunctionLines = 70

/** Files over the limit, each with the reason why it is one concept all the same. */
const longFiles: Record<string, string> = {}

/** Functions over the limit, as `file:name`, each with its reason. */
const longFunctions: Record<string, string> = {}

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2022, true)
}

const lineOf = (file: ts.SourceFile, position: number) =>
  file.getLineAndCharacterOfPosition(position).line + 1

function functionName(node: ts.Node): string {
  const holder = ts.isArrowFunction(node) || ts.isFunctionExpression(node) ? node.parent : node
  const { name } = holder as { name?: ts.Node }
  return name ? name.getText() : ts.isConstructorDeclaration(node) ? 'constructor' : '(anonymous)'
}

/** Lines of a function without those of the functions inside it, which count for themselves. */
function ownLines(file: ts.SourceFile, node: ts.Node): number {
  const span = (inner: ts.Node) => lineOf(file, inner.getEnd()) - lineOf(file, inner.getStart()) + 1
  let inside = 0
  const visit = (child: ts.Node): void => {
    if (isFunctionWithBody(child)) inside += span(child)
    else ts.forEachChild(child, visit)
  }
  ts.forEachChild(node, visit)
  return span(node) - inside
}

const isFunctionWithBody = (node: ts.Node) =>
  ts.isFunctionLike(node) && (node as { body?: ts.Node }).body !== undefined

function longFunctionsOf(path: string): string[] {
  const file = parse(path)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (isFunctionWithBody(node)) {
      const lines = ownLines(file, node)
      if (lines > maxFunctionLines) found.push(`${path}:${functionName(node)} (${lines} lines)`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function exportsWithoutDoc(path: string): string[] {
  const file = parse(path)
  const found: string[] = []
  const documented = new Set<string>()
  for (const statement of file.statements) {
    const flags = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined
    if (!flags?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)) continue
    const names = ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.map((declaration) => declaration.name.getText())
      : [(statement as { name?: ts.Node }).name?.getText() ?? '(default)']
    const name = names[0] as string
    const hasDoc = (ts.getLeadingCommentRanges(file.text, statement.getFullStart()) ?? []).some(
      ({ pos }) => file.text.startsWith('/**', pos),
    )
    // A const, its type of one name and its input type share a comment, as overloads do.
    if (hasDoc) documented.add(name)
    else if (!documented.has(name) && !documented.has(name.replace(/Input$/, '')))
      found.push(`${path}:${lineOf(file, statement.getStart())} ${name}`)
  }
  return found.filter((entry) => !documented.has(entry.split(' ')[1] as string))
}

describe('sources', () => {
  it(`has no file over ${maxFileLines} lines without a reason`, () => {
    const long = sourceFiles().filter(
      (path) => !(path in longFiles) && read(path).split('\n').length > maxFileLines + 1,
    )
    expect(long).toEqual([])
  })

  it(`has no function over ${maxFunctionLines} lines without a reason`, () => {
    const long = sourceFiles()
      .flatMap(longFunctionsOf)
      .filter((entry) => !((entry.split(' ')[0] as string) in longFunctions))
    expect(long).toEqual([])
  })

  it('documents every export', () => {
    expect(sourceFiles().flatMap(exportsWithoutDoc)).toEqual([])
  })

  it('names files in kebab case', () => {
    const odd = sourceFiles().filter((path) => !/\/[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(path))
    expect(odd).toEqual([])
  })

  const linesThat = (matches: (line: string) => boolean): string[] =>
    sourceFiles().flatMap((path) =>
      read(path)
        .split('\n')
        .flatMap((line, index) => (matches(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
    )

  it('holds no unfinished work', () => {
    const words = /\b(TODO|FIXME|XXX)\b|\bnot (yet )?implemented\b/i
    expect(linesThat((line) => words.test(line))).toEqual([])
  })

  it('has no type holes', () => {
    const holes = /\bas any\b|: any\b|@ts-(ignore|nocheck)|\bas unknown as\b/
    const isComment = /^\s*(\/?\*|\/\/)/
    expect(linesThat((line) => holes.test(line) && !isComment.test(line))).toEqual([])
  })

  it('has no enum, namespace or default export', () => {
    const found = sourceFiles().filter((path) =>
      /^\s*(export )?((const )?enum|namespace) |^export default /m.test(read(path)),
    )
    expect(found).toEqual([])
  })
})

describe('tests', () => {
  it('focuses none and skips none', () => {
    const pattern = /\b(it|test|describe)\.(only|skip|todo|fails)\b|\bx(it|describe)\(/
    const own = 'test/tidy/sources.test.ts'
    const found = workspaceFiles().filter(
      (path) => /\.(test|kafka-test)\.ts$/.test(path) && path !== own && pattern.test(read(path)),
    )
    expect(found).toEqual([])
  })
})

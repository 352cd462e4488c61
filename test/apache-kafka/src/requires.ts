import { spawnSync } from 'node:child_process'

interface Tool {
  /** How a person calls it. */
  label: string
  isPresent: () => boolean
}

const TOOLS = {
  java: { label: 'Java 17', isPresent: () => javaMajor('java') >= 17 },
  maven: { label: 'Maven', isPresent: () => runs('mvn', ['-v']) },
  kcat: { label: 'kcat', isPresent: () => runs('kcat', ['-V']) },
  go: { label: 'Go', isPresent: () => runs('go', ['version']) },
  rust: { label: 'Rust', isPresent: () => runs('cargo', ['--version']) },
  python: { label: 'Python 3', isPresent: () => runs('python3', ['--version']) },
} satisfies Record<string, Tool>

/** The name of a tool that some machines lack. */
export type ToolName = keyof typeof TOOLS

const seen = new Map<ToolName, boolean>()

/**
 * Whether this machine has all of these tools. Use it as `describe.runIf(requires('java', 'maven'))`.
 *
 * A machine that lacks one gets the line `skipped: needs …` on standard error.
 *
 * @throws Error in CI (`CI=true`), where a silent skip would hide a missing install step.
 */
export function requires(...names: ToolName[]): boolean {
  const missing = names.filter((name) => !isPresent(name))
  if (missing.length === 0) return true
  const reason = `needs ${missing.map((name) => TOOLS[name].label).join(' and ')}`
  if (process.env.CI === 'true') throw new Error(`This suite ${reason}; install it in CI.`)
  process.stderr.write(`skipped: ${reason}\n`)
  return false
}

function isPresent(name: ToolName): boolean {
  const known = seen.get(name)
  if (known !== undefined) return known
  const present = TOOLS[name].isPresent()
  seen.set(name, present)
  return present
}

function runs(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

/** The major version of a Java command; 0 when there is none. */
function javaMajor(command: string): number {
  const { stderr } = spawnSync(command, ['-version'], { encoding: 'utf8' })
  return Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0)
}

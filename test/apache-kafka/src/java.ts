import { join } from 'node:path'
import type { Jars } from './maven.js'
import { type RunOptions, type RunResult, run } from './run.js'

/** Runs one of the single-file programs of `java/` with the given jars. */
export function runJavaProgram(
  jars: Jars,
  file: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<RunResult> {
  const program = join(import.meta.dirname, '..', 'java', file)
  return run('java', ['-cp', jars.classPath, program, ...args], options)
}

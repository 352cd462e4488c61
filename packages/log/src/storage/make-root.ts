import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { InvalidArgumentError } from '@ottla/protocol'

/**
 * Makes a directory and the ones above it, one by one: Node's own recursive mkdir never returns where the file system
 * answers ENOENT for a parent that is there, as /proc does.
 * @throws InvalidArgumentError that says what stands in the way.
 */
export const makeRoot = (root: string): void => {
  const path = resolve(root)
  const missing: string[] = []
  let existing = path
  while (!existsSync(existing) && dirname(existing) !== existing) {
    missing.unshift(existing)
    existing = dirname(existing)
  }
  if (!statSync(existing).isDirectory()) {
    throw new InvalidArgumentError(
      `cannot keep data in ${root}: ${existing === path ? 'it' : existing} is a file, not a directory`,
    )
  }
  for (const directory of missing) makeOne(directory, root)
}

const makeOne = (directory: string, root: string): void => {
  try {
    mkdirSync(directory)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    const why = code === 'EACCES' || code === 'EPERM' ? 'permission is missing' : code
    throw new InvalidArgumentError(
      `cannot keep data in ${root}: the directory ${directory} cannot be made (${why}); name another one`,
      { cause },
    )
  }
}

import { InvalidArgumentError } from '@ottla/protocol'

/**
 * Returns the path if it stays inside its storage.
 *
 * @throws InvalidArgumentError for an absolute path, a backslash, an empty segment or `..`.
 */
export function checkPath(path: string): string {
  const bad = path === '' ? false : path.split('/').some((part) => part === '' || part === '..')
  if (bad || path.includes('\\') || path.includes('\0')) {
    throw new InvalidArgumentError(
      `the storage path ${JSON.stringify(path)} is not a plain relative path; use names joined by '/'`,
    )
  }
  return path
}

/** All parts in one fresh buffer of `total` bytes. */
export function joinParts(parts: readonly Uint8Array[], total: number): Uint8Array {
  const joined = Buffer.allocUnsafe(total)
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.byteLength
  }
  return joined
}

/** An error as the file system throws it. */
export function systemError(code: string, call: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${call} '${path}'`), { code, syscall: call, path })
}

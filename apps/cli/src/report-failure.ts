/** What our errors carry besides the message; matched by shape, so that any copy of a package will do. */
interface CodedError extends Error {
  code: string
}

function isCoded(error: unknown): error is CodedError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}

/**
 * Prints an error the way someone at a terminal needs it: the message and the code for what is
 * expected to go wrong, the whole stack for what is a bug of ours.
 *
 * @returns the exit status: 1
 */
export function reportFailure(error: unknown): 1 {
  if (isCoded(error)) {
    const [only, ...others] = error instanceof AggregateError ? error.errors : []
    if (isCoded(only) && others.length === 0) return reportFailure(only)
    // Other codes, such as ENOENT, are in the message or say nothing to a person.
    const code = error.code.startsWith('OTTLA_') ? ` [${error.code}]` : ''
    console.error(`ottla: ${error.message}${code}`)
  } else {
    console.error(error)
  }
  return 1
}

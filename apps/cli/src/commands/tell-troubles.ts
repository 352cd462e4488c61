import { subscribe } from 'node:diagnostics_channel'

/**
 * Prints to standard error what a command waits for: our clients try on for minutes, and someone sits in front of the
 * terminal. The same trouble is told once in a row.
 */
export function tellTroubles(): void {
  let last = ''
  const tell = (text: string): void => {
    if (text !== last) console.error(`ottla: ${text}`)
    last = text
  }
  subscribe('ottla:connection:failed', (message) => {
    const { error } = message as { readonly error: Error }
    tell(`${error.message}; trying on`)
  })
  subscribe('ottla:consumer:missing', (message) => {
    const { topics } = message as { readonly topics: readonly string[] }
    tell(`${topics.join(', ')} does not exist; waiting for it`)
  })
}

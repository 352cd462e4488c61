import type { Admin } from '@ottla/admin'
import { type ConnectionFlags, connectionOptions } from './connection.js'
import { connectTimeoutMs } from './options.js'

/** Lends an admin client for one command. */
export async function withAdmin<T>(
  flags: ConnectionFlags,
  use: (admin: Admin) => Promise<T>,
): Promise<T> {
  const { Admin } = await import('@ottla/admin')
  const admin = new Admin(connectionOptions(flags))
  try {
    await admin.connect({ timeoutMs: connectTimeoutMs })
    return await use(admin)
  } finally {
    await admin.close()
  }
}

/** What became of one item. */
export interface NamedResult {
  readonly name?: string | undefined
  readonly error?: Error | undefined
}

/** Prints one line an item; any failed item makes the exit status 1. */
export function printResults(done: string, results: readonly NamedResult[]): void {
  for (const { name, error } of results) {
    if (error === undefined) console.log(`${done} ${name}`)
    else {
      console.error(`ottla: ${name}: ${error.message}`)
      process.exitCode = 1
    }
  }
}

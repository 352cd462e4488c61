import { spawnSync } from 'node:child_process'
import { freemem } from 'node:os'

/** What the brokers of one round fill at most, with files in the page cache or with heaps. */
const neededGigabytes = 8
/** Of the memory that is free, which the machine may need for other things. */
const largestPart = 0.5
const chunkBytes = 2 ** 26

const program = `
const chunks = []
for (let index = 0; index < Number(process.argv[1]); index++) chunks.push(Buffer.alloc(${chunkBytes}, 1))
`

/**
 * Writes to free memory once, in a process that then ends. A virtual machine gets memory from its host page by page at the
 * first touch, which was measured at up to 370 instead of 47 us for a write of 100 KB into a new file: without this, the
 * broker that comes first pays for all.
 */
export function touchMemory(): void {
  const bytes = Math.min(neededGigabytes * 2 ** 30, freemem() * largestPart)
  spawnSync(process.execPath, ['-e', program, String(Math.floor(bytes / chunkBytes))])
}

import { crc32c } from './crc32c.js'
import { startCrc32cKernel } from './crc32c-kernel.js'
import { crc32cLayout } from './crc32c-program.js'
import { crc32cTables } from './crc32c-tables.js'

/**
 * Nanoseconds of CPU a call (all threads, the best of 25 rounds, both ways by turns) of the checksum by tables and by the kernel,
 * with the copy into its memory. Run: pnpm tsx --conditions @ottla/source <this file>
 */
const rounds = 25
const sizes = [16, 64, 128, 256, 320, 384, 512, 768, 1024, 2048, 4096, 16_384, 100_000, 1_000_000]

const kernel = startCrc32cKernel()
if (kernel === undefined) throw new Error('this Node has no WebAssembly')
const bytes = Buffer.allocUnsafeSlow(1_100_000)
for (let at = 0; at < bytes.length; at++) bytes[at] = Math.imul(at, 0x9e3779b1) >>> 23

let sink = 0

const measure = (run: (at: number) => number, calls: number): number => {
  const start = process.cpuUsage()
  for (let call = 0; call < calls; call++) sink ^= run(call & 63)
  const { user, system } = process.cpuUsage(start)
  return ((user + system) * 1000) / calls
}

for (const size of sizes) {
  const ways: Record<string, (at: number) => number> = {
    crc32c: (at) => crc32c(bytes, at, at + size),
    tables: (at) => crc32cTables(bytes, at, at + size, 0),
  }
  if (size >= crc32cLayout.minBytes) ways.kernel = (at) => kernel(bytes, at, at + size, 0)
  const calls = Math.max(10, Math.floor(5_000_000 / (size + 100)))
  const best = new Map<string, number>()
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(ways)) {
      best.set(name, Math.min(measure(run, calls), best.get(name) ?? Number.POSITIVE_INFINITY))
    }
  }
  const columns = [...best].map(
    ([name, ns]) => `${name} ${ns.toFixed(0).padStart(7)} ns ${(size / ns).toFixed(2)} GB/s`,
  )
  console.log(`${String(size).padStart(9)} bytes: ${columns.join('   ')}`)
}
if (sink === -1) console.log('every bit of the checksums was set')

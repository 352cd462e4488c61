import { crc32c } from '../bytes/crc32c.js'
import { decodeRecords, encodeRecordBatch, RecordBatchBuilder } from './index.js'

/**
 * Nanoseconds of CPU per record (all threads, the best of 25 rounds) for batches of 10,000 records of 100 bytes, beside the memcpy and the checksum of the same bytes in the
 * same run: the machine may be busy, the ratios hold. Run: pnpm tsx --conditions @ottla/source <this file>
 */
const records = 10_000
const rounds = 25
const turns = 10

const value = Buffer.alloc(100, 'v')
const key = Buffer.from('key-0001')
const text = 'v'.repeat(100)
const timestamp = 1_700_000_000_000

const batch = encodeRecordBatch({
  records: Array.from({ length: records }, (_, index) => ({
    key,
    value,
    timestamp: timestamp + (index >> 4),
  })),
})
const copy = Buffer.allocUnsafeSlow(batch.length)
const builder = new RecordBatchBuilder({ buffer: Buffer.allocUnsafeSlow(4 << 20) })

let sink = 0

const append = (key: Buffer | null, value: Buffer | string) => {
  builder.reset()
  for (let index = 0; index < records; index++) {
    builder.tryAppend(key, value, undefined, timestamp + (index >> 4))
  }
  sink += builder.byteLength
}

const only = () => {
  for (const found of decodeRecords(batch, { checkCrc: false })) return found
  throw new Error('no batch')
}

const cases: Record<string, () => void> = {
  memcpy: () => copy.set(batch),
  'CRC-32C': () => {
    sink += crc32c(batch, 21)
  },
  'encode bytes': () => append(null, value),
  'encode key and bytes': () => append(key, value),
  'encode string': () => append(null, text),
  'encode and finish (CRC)': () => {
    append(null, value)
    sink += builder.finish().length
  },
  'cursor, nothing read': () => {
    const cursor = only().records()
    while (cursor.next()) sink++
  },
  'cursor, value and offset read': () => {
    const cursor = only().records()
    while (cursor.next()) sink += (cursor.value?.length ?? 0) + cursor.offsetNumber
  },
  'array of lazy records': () => {
    sink += only().toArray().length
  },
  'array, value and offset read': () => {
    for (const record of only().toArray()) {
      sink += (record.value?.length ?? 0) + record.offsetNumber
    }
  },
  'for of, value and offset read': () => {
    for (const record of only()) sink += (record.value?.length ?? 0) + record.offsetNumber
  },
}

const best = new Map<string, number>()
for (let round = 0; round < rounds; round++) {
  for (const [name, run] of Object.entries(cases)) {
    for (let warm = 0; round === 0 && warm < 30; warm++) run()
    const start = process.cpuUsage()
    for (let turn = 0; turn < turns; turn++) run()
    const { user, system } = process.cpuUsage(start)
    const spent = ((user + system) * 1000) / turns / records
    best.set(name, Math.min(spent, best.get(name) ?? spent))
  }
}
for (const [name, spent] of best) {
  console.log(`${name.padEnd(32)} ${spent.toFixed(1).padStart(7)} ns/record`)
}
if (sink === 0) throw new Error('nothing was measured')

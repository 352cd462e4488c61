/**
 * What is measured: records by the batch (`produce`, `consume`), sends that are awaited one by one (`single`) or by a hundred
 * callers (`concurrent`), how long a new consumer in a new group takes to its first record (`first-record`), how long sends take
 * that come at a fixed rate (`rate`), or how long records take from then to a consumer's hands (`end-to-end`).
 */
export type Kind =
  | 'produce'
  | 'consume'
  | 'single'
  | 'concurrent'
  | 'first-record'
  | 'rate'
  | 'end-to-end'

/** What the bench compresses with: what all its clients have. */
export type Compression = 'none' | 'lz4' | 'zstd'

/** What a client's process is asked to do; travels as JSON in its first argument. */
export interface Job {
  kind: Kind
  bootstrapServers: string
  topic: string
  /** Records to send or read inside the measurement; consumers to make for `first-record`. */
  records: number
  /** Records sent or read before it, so that compilers are warm. */
  warmUpRecords: number
  valueBytes: number
  partitions: number
  compression: Compression
  acks: 1 | -1
  /** Records a second of the kinds that have a fixed rate: a multiple of 1,000. */
  rate: number
  /** Records of a call, where a client takes arrays: at most half of what a broker takes as one batch. */
  arrayRecords: number
  /** Which of the client's ways: named in the client's file. */
  variant: string
}

/** What it answers, as JSON on the last line of its standard output. */
export interface Measurement {
  records: number
  seconds: number
  /** User and system time of all threads of the client's process. */
  cpuSeconds: number
  rssMegabytes: number
  /** Of consumed values: the sum of their sequence numbers, to hold against what was sent. */
  checksum: number
  /** How long each took, where each was awaited. */
  times?: Times
}

/** Half of them took at most p50, 99 of 100 at most p99, 999 of 1,000 at most p999. */
export interface Times {
  p50Us: number
  p99Us: number
  p999Us: number
}

const words = 'order customer amount currency status shipped address city created updated'.split(
  ' ',
)

/**
 * A value of the bench: its sequence number, then text like that of JSON records, names that repeat and numbers that do not.
 * A batch of 100 KB becomes a little over half of its size with lz4, and a third with zstd.
 */
export function benchValue(sequence: number, bytes: number): Buffer {
  let state = sequence + 1
  let text = 'seq:'
  while (text.length < bytes) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    text += `"${words[(state >>> 8) % words.length]}":${state >>> (state & 15)},`
  }
  const value = Buffer.from(text.slice(0, bytes), 'latin1')
  value.writeUInt32BE(sequence, 0)
  return value
}

/** The distinct values a producer cycles through: made before the clock starts. */
export function valuesOf(count: number, bytes: number): Buffer[] {
  return Array.from({ length: count }, (_, sequence) => benchValue(sequence, bytes))
}

/** How many distinct values a producer cycles through. */
export const distinctValues = 1000

/** What the checksum of so many records is when nothing is lost or altered. */
export function expectedChecksum(records: number): number {
  const whole = Math.floor(records / distinctValues)
  const rest = records % distinctValues
  return (whole * (distinctValues * (distinctValues - 1))) / 2 + (rest * (rest - 1)) / 2
}

/** Takes the job from the command line. */
export function readJob(): Job {
  return JSON.parse(process.argv[2] as string) as Job
}

/** A stop watch over wall time and the CPU time of all threads. */
export function startMeasurement(): (records: number, checksum?: number) => Measurement {
  const started = process.hrtime.bigint()
  const cpu = process.cpuUsage()
  return (records, checksum = 0) => {
    const { user, system } = process.cpuUsage(cpu)
    return {
      records,
      seconds: Number(process.hrtime.bigint() - started) / 1e9,
      cpuSeconds: (user + system) / 1e6,
      rssMegabytes: process.resourceUsage().maxRSS / 1024,
      checksum,
    }
  }
}

/** Prints the answer and ends the process: a client that keeps sockets open must not hold the bench. */
export function answer(measurement: Measurement): never {
  process.stdout.write(`\n${JSON.stringify(measurement)}\n`)
  process.exit(0)
}

import { type Bench, checksumOf } from '../bench.ts'
import type { ClientName } from '../client-process.ts'
import { buildConfluent } from '../foreign/confluent.ts'
import { librdkafkaProgram } from '../foreign/librdkafka.ts'
import type { Job, Measurement } from '../job.ts'
import { type About, formatGrid, type GridRow } from './grid-report.ts'
import { fits, type Participant, participants, recordsOf } from './participants.ts'
import { centre, type Setting, settingName, starOf, wholeOf } from './setting.ts'

/** What to measure of the grid. */
export interface GridOptions {
  /** `quick`: the centre of the grid and 1,000 records a second; `full`: more settings, and 10,000 too. */
  readonly mode: 'quick' | 'full'
  /** In the full mode: every combination, instead of one axis at a time from the centre. */
  readonly isWhole: boolean
  readonly rounds: number
  /** Times as many records, and as many seconds of fixed rates. */
  readonly scale: number
  readonly clients: readonly string[] | undefined
  readonly kinds: readonly string[] | undefined
  readonly about: About
}

const rates: Readonly<Record<GridOptions['mode'], readonly number[]>> = {
  quick: [1000],
  full: [1000, 10_000],
}
const rateSeconds = 3
const rateWarmUpSeconds = 2
/** Records of a call: at most half a megabyte, for brokers take a batch of one at most. */
const arrayBytes = 500_000
const mostOfArray = 1000

/** Measures the grid, rounds and clients interleaved, and gives the report. */
export async function runGrid(bench: Bench, options: GridOptions): Promise<string> {
  const missing = await findMissing(options)
  const chosen = participants.filter(
    ({ client, kind }) =>
      !missing.has(client) &&
      (options.clients?.includes(client) ?? true) &&
      (options.kinds?.includes(kind) ?? true),
  )
  const rows = new Map<string, GridRow>()
  for (let round = 1; round <= options.rounds; round++) {
    for (const kind of ['produce', 'consume'] as const) {
      const own = chosen.filter((one) => one.kind === kind)
      for (const setting of own.length > 0 ? settingsOf(kind, options) : []) {
        await measureSetting(bench, own, setting, options.scale, (one, measurement) =>
          note(one, setting, 0, measurement),
        )
      }
    }
    for (const one of chosen.filter(({ kind }) => kind === 'rate' || kind === 'end-to-end')) {
      for (const rate of rates[options.mode]) {
        note(one, centre, rate, await measureRate(bench, one, rate, options.scale))
      }
    }
  }
  return formatGrid([...rows.values()], options.about, missing)

  function note(one: Participant, setting: Setting, rate: number, measurement: Measurement): void {
    const name = rate > 0 ? `${rate}/s` : settingName(one.kind, setting)
    const key = `${one.kind} ${name} ${one.client} ${one.variant}`
    const row = rows.get(key) ?? { ...one, setting: name, measurements: [] }
    row.measurements.push(measurement)
    rows.set(key, row)
    const ns = ((measurement.cpuSeconds / measurement.records) * 1e9).toFixed(0)
    const { times } = measurement
    const each = times === undefined ? '' : `, p50 ${times.p50Us.toFixed(0)} us`
    console.error(`${key}: ${ns} ns CPU${each}`)
  }
}

function settingsOf(kind: 'produce' | 'consume', { mode, isWhole }: GridOptions): Setting[] {
  if (mode === 'quick') return [centre]
  return isWhole ? wholeOf(kind) : starOf(kind)
}

/** The clients that cannot be built here, with the reason: their rows are left out, and the report says so. */
async function findMissing({ clients }: GridOptions): Promise<Map<ClientName, string>> {
  const missing = new Map<ClientName, string>()
  const attempt = async (client: ClientName, build: () => Promise<unknown>) => {
    if (clients !== undefined && !clients.includes(client)) return
    try {
      await build()
    } catch (error) {
      const [reason = ''] = String(error).split('\n')
      console.error(`${client} is left out: ${String(error)}`)
      missing.set(client, reason)
    }
  }
  await attempt('confluent', buildConfluent)
  await attempt('librdkafka', librdkafkaProgram)
  return missing
}

/** All participants of a kind under one setting; consumers of as many records share a topic. */
async function measureSetting(
  bench: Bench,
  all: readonly Participant[],
  setting: Setting,
  scale: number,
  note: (one: Participant, measurement: Measurement) => void,
): Promise<void> {
  const filled = new Map<number, string>()
  for (const one of all.filter((each) => fits(each, setting))) {
    const counts = recordsOf(one, setting, scale)
    const total = counts.records + counts.warmUpRecords
    const shared = one.kind === 'consume' ? filled.get(total) : undefined
    const topic = shared ?? freshTopic()
    const job: Job = {
      kind: one.kind,
      bootstrapServers: bench.bootstrapServers,
      topic,
      ...counts,
      ...setting,
      rate: 0,
      arrayRecords: Math.min(mostOfArray, arrayBytes / setting.valueBytes),
      variant: one.variant,
    }
    if (shared === undefined) await bench.createTopic(topic, setting.partitions)
    if (one.kind === 'consume' && shared === undefined) {
      await bench.fill(job)
      filled.set(total, topic)
    }
    const measurement = await bench.run(one.client, job)
    // Java's tool ran twice, and had the records of the warm-up in both.
    const isTwice = one.client === 'java' && one.kind === 'produce'
    await bench.verify(topic, setting.partitions, total + (isTwice ? counts.warmUpRecords : 0))
    verifyRead(one, job, measurement)
    note(one, measurement)
    if (one.kind === 'produce') await bench.deleteTopic(topic)
  }
  for (const topic of filled.values()) await bench.deleteTopic(topic)
}

function verifyRead({ client, kind, variant }: Participant, job: Job, { checksum }: Measurement) {
  // Java's tool counts records and cannot look into them.
  if (kind !== 'consume' || client === 'java' || checksum === checksumOf(job)) return
  throw new Error(`${client} ${variant} read other values than were sent`)
}

async function measureRate(
  bench: Bench,
  { kind, client, variant }: Participant,
  rate: number,
  scale: number,
): Promise<Measurement> {
  const topic = freshTopic()
  await bench.createTopic(topic, centre.partitions)
  const records = Math.ceil(rate * rateSeconds * scale)
  const warmUpRecords = Math.ceil(rate * rateWarmUpSeconds * scale)
  const measurement = await bench.run(client, {
    kind,
    bootstrapServers: bench.bootstrapServers,
    topic,
    records,
    warmUpRecords,
    ...centre,
    rate,
    arrayRecords: 1,
    variant,
  })
  await bench.verify(topic, centre.partitions, records + warmUpRecords)
  await bench.deleteTopic(topic)
  return measurement
}

let topics = 0
const freshTopic = (): string => `bench-${process.pid}-${topics++}`

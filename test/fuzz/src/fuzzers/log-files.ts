import {
  type Log,
  openLog,
  readMetaProperties,
  readOffsetCheckpoint,
  readPartitionMetadata,
  type Storage,
} from '@ottla/log'
import { decodeRecords } from '@ottla/protocol'
import fc from 'fast-check'
import type { Fuzzer } from '../fuzzer.js'
import { labelled, readLabel } from '../label.js'
import {
  directory,
  type LogTemplate,
  logConfig,
  makeTemplate,
  storageWith,
} from '../log-template.js'
import { must, mustEqual, valueOrRefusal } from '../must.js'
import { mutated, rawBytes } from '../mutations.js'

/** Text files are changed by letters, too. */
const letters = fc.tuple(
  fc.nat(200),
  fc.constantFrom('', '0', '-', ' ', '\n', '=', 'e', '.', '\0', '99999999999999999999'),
)
const textChanged = (bytes: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc.array(letters, { minLength: 1, maxLength: 3 }).map((changes) =>
    changes.reduce((text, [at, letter]) => {
      const place = at % (text.length + 1)
      return Buffer.concat([text.subarray(0, place), Buffer.from(letter), text.subarray(place + 1)])
    }, Buffer.from(bytes)),
  )

const inputsOf = ({ files }: LogTemplate): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(fc.constantFrom(...files), fc.constantFrom('clean', 'unclean'))
    .chain(([[path, bytes], shutdown]) => {
      const isText = !path.startsWith(`${directory}/0`)
      return fc
        .oneof(
          { arbitrary: mutated(fc.constant(bytes)), weight: 6 },
          { arbitrary: isText ? textChanged(bytes) : mutated(fc.constant(bytes)), weight: 6 },
          { arbitrary: rawBytes, weight: 1 },
        )
        .map((content) => labelled(`${shutdown} ${path}`, content))
    })

interface Read {
  readonly offset: number
  readonly value: string
}

/** Reads the log from its start, by batches. */
function readLog(log: Log): Read[] {
  const found: Read[] = []
  for (let at = log.logStartOffset; at < log.logEndOffset; ) {
    const slice = log.read(at, { maxBytes: 500, maxOffset: log.logEndOffset })
    if (slice.bytes.length === 0) break
    must(slice.nextOffset > at, () => `reading at ${at} leads to ${slice.nextOffset}`)
    for (const batch of decodeRecords(slice.bytes, { maxDecompressedBytes: 1 << 20 })) {
      if (batch.isControl) continue
      for (const { offsetNumber: offset, value } of batch) {
        if (offset >= at) found.push({ offset, value: value?.toString() ?? '' })
      }
    }
    at = slice.nextOffset
  }
  return found
}

const openOf = (storage: Storage, isClean: boolean): Log =>
  openLog({ storage, directory, config: logConfig, nowMs: 2000, cleanShutdown: isClean })

/** Looks everywhere a broker looks. */
function lookAround(log: Log): void {
  for (const timestamp of [0, 1003, 1006, 5000])
    valueOrRefusal(() => log.offsetForTimestamp(timestamp))
  valueOrRefusal(() => log.maxTimestampOffset())
  for (const epoch of [0, 1, 2, 3]) {
    valueOrRefusal(() => log.endOffsetForEpoch(epoch))
    valueOrRefusal(() => log.epochForOffset(2 * epoch))
  }
  valueOrRefusal(() => log.activeProducers.length + log.epochs.length + log.segments.length)
}

/** What was read by anybody has been written, in order; what lies before the damage is there. */
function checkPrefix(template: LogTemplate, path: string, body: Uint8Array, found: Read[]): void {
  const original = template.files.get(path) ?? new Uint8Array(0)
  let damage = 0
  while (damage < original.length && original[damage] === body[damage]) damage += 1
  const isLog = path.endsWith('.log')
  const cut = template.batches.findIndex(
    ({ file, end }) => isLog && file >= path && (file > path || end > damage),
  )
  const kept = template.batches.slice(0, cut < 0 ? undefined : cut).flatMap(({ values }) => values)
  const values = found.map(({ value }) => value)
  mustEqual(values.slice(0, kept.length), kept, 'records before the damage')
  const written = template.batches.flatMap((batch) => batch.values)
  let last = -1
  for (const { offset, value } of found) {
    must(written.includes(value), () => `record ${offset} was never written`)
    must(offset > last, () => `offset ${offset} after ${last}`)
    last = offset
  }
}

function runUnclean(template: LogTemplate, storage: Storage, path: string, body: Uint8Array): void {
  const log = valueOrRefusal(() => openOf(storage, false))
  if (log === undefined) return
  const found = readLog(log)
  checkPrefix(template, path, body, found)
  lookAround(log)
  log.close()
  const again = openOf(storage, false)
  mustEqual(readLog(again), found, 'read after it was recovered twice')
  again.close()
}

/** After a clean stop files are believed: what does not fit ends in a named error, and always ends. */
function runClean(storage: Storage): void {
  const log = valueOrRefusal(() => openOf(storage, true))
  if (log === undefined) return
  valueOrRefusal(() => readLog(log))
  lookAround(log)
  valueOrRefusal(() => log.retain(3000))
  valueOrRefusal(() => log.close())
}

function readRootFiles(storage: Storage): void {
  valueOrRefusal(() => readMetaProperties(storage))
  valueOrRefusal(() => readPartitionMetadata(storage, directory))
  valueOrRefusal(() => readOffsetCheckpoint(storage, 'recovery-point-offset-checkpoint'))
}

/** Every file of a data directory. */
export const createLogFiles = (): Fuzzer => {
  const template = makeTemplate()
  return {
    inputs: inputsOf(template),
    batchRuns: 200,
    maxGrowthBytes: 32 * 1024 * 1024,
    run(input) {
      const { words, body } = readLabel(input)
      const [shutdown, path = ''] = words
      if (!template.files.has(path)) return
      const storage = storageWith(template, path, body)
      readRootFiles(storage)
      if (shutdown === 'clean') runClean(storage)
      else runUnclean(template, storage, path, body)
    },
  }
}

import { Admin } from '@ottla/admin'
import { Consumer, type ConsumerRecord } from '@ottla/consumer'
import { Producer, type RecordMetadata } from '@ottla/producer'
import { KafkaError } from '@ottla/protocol'
import { must } from './must.js'
import { within } from './raw-connection.js'

/** Topic that is read, with two partitions; and one to write to. */
export const readTopic = 'read'
export const writtenTopic = 'written'
/** Records in {@link readTopic}. */
export const recordCount = 12

/** The value of a record, by its number, and its key. */
export const valueAt = (number: number): string => `value ${number} ${'.'.repeat(number * 9)}`
export const keyAt = (number: number): string => `key ${number}`

/** How long a scenario waits, and whether everything in it has to succeed. */
export interface Terms {
  readonly requestMs: number
  /** For a whole operation, and for all that is to be read. */
  readonly operationMs: number
  readonly closeMs: number
  readonly mustSucceed: boolean
}

/** With answers that are meddled with: little patience, as every held answer is waited for. */
export const meddled: Terms = {
  requestMs: 400,
  operationMs: 900,
  closeMs: 800,
  mustSucceed: false,
}
/** With answers as they are: patience enough for a busy machine. */
export const untouched: Terms = {
  requestMs: 15_000,
  operationMs: 18_000,
  closeMs: 15_000,
  mustSucceed: true,
}

const limits = ({ requestMs, operationMs }: Terms) =>
  ({
    clientId: 'fuzz',
    requestTimeoutMs: requestMs,
    defaultApiTimeoutMs: operationMs,
    socketConnectionSetupTimeoutMs: requestMs,
    reconnectBackoffMs: 5,
    reconnectBackoffMaxMs: 50,
    retryBackoffMs: 5,
    retryBackoffMaxMs: 50,
    maxResponseBytes: 2_000_000,
  }) as const

/** What an operation may reject with: a KafkaError, or several of them for several records or items. */
function isOurs(error: unknown): boolean {
  if (error instanceof KafkaError) return true
  return error instanceof AggregateError && error.errors.every((one) => one instanceof KafkaError)
}

/** Waits for an operation, which has to end: with a value, or with an error of ours unless it has to succeed. */
async function settled(
  what: string,
  operation: Promise<unknown>,
  { mustSucceed }: Pick<Terms, 'mustSucceed'>,
): Promise<void> {
  const outcome = operation.then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  const failure = await within(`the end of ${what}`, outcome)
  if (failure === undefined || (isOurs(failure.error) && !mustSucceed)) return
  const wrong = mustSucceed ? 'failed with untouched answers' : 'rejected with no KafkaError'
  throw new Error(`${what} ${wrong}: ${String(failure.error)}`, { cause: failure.error })
}

/** Uses a client and closes it, whatever happened. */
async function using<Client extends { close(options: { timeoutMs: number }): Promise<void> }>(
  client: Client,
  terms: Terms,
  use: (client: Client) => Promise<void>,
): Promise<void> {
  try {
    await use(client)
  } finally {
    await settled('close of a client', client.close({ timeoutMs: terms.closeMs }), terms)
  }
}

/** What a scenario is: clients of a broker, on some terms. */
type Scenario = (bootstrapServers: string, terms: Terms) => Promise<void>

const produce: Scenario = (bootstrapServers, terms) => {
  const deliveryTimeoutMs = terms.operationMs
  const options = { ...limits(terms), bootstrapServers, deliveryTimeoutMs }
  return using(new Producer(options), terms, async (producer) => {
    const record = { topic: writtenTopic, key: 'key', value: 'value' }
    const acknowledged = async (sent: Promise<RecordMetadata | RecordMetadata[]>) => {
      const offsets = [await sent].flat().map(({ offset }) => offset)
      if (terms.mustSucceed)
        must(
          offsets.every((offset) => offset >= 0n),
          () => `at ${offsets}`,
        )
    }
    await Promise.all([
      settled('send', acknowledged(producer.send(record)), terms),
      settled(
        'send of many',
        acknowledged(producer.send([record, { ...record, partition: 1 }])),
        terms,
      ),
    ])
    await settled('a later send', acknowledged(producer.send(record)), terms)
    await settled('flush', producer.flush(), terms)
  })
}

const administer: Scenario = (bootstrapServers, terms) =>
  using(new Admin({ ...limits(terms), bootstrapServers }), terms, async (admin) => {
    const topics = [{ name: 'made', partitions: 1 }]
    const groups = ['group', 'other']
    const operations: Record<string, () => Promise<unknown>> = {
      listTopics: () => admin.listTopics(),
      describeTopics: () => admin.describeTopics([readTopic]),
      createTopics: () => admin.createTopics(topics),
      describeConfigs: () => admin.describeConfigs([{ type: 'topic', name: readTopic }]),
      describeCluster: () => admin.describeCluster(),
      listOffsets: () => admin.listOffsets([{ topic: readTopic }]),
      listGroups: () => admin.listGroups(),
      describeLogDirs: () => admin.describeLogDirs(),
      describeProducers: () => admin.describeProducers([{ topic: readTopic, partition: 0 }]),
      describeQuorum: () => admin.describeQuorum(),
      describeFeatures: () => admin.describeFeatures(),
    }
    /** Of what is not there, or not yet: an error is right. */
    const refusable: typeof operations = {
      describeMissingTopics: () => admin.describeTopics([readTopic, 'missing']),
      describeGroups: () => admin.describeGroups(groups),
      listGroupOffsets: () => admin.listGroupOffsets(groups),
      deleteTopics: () => admin.deleteTopics(['made']),
    }
    const run = (some: typeof operations, mustSucceed: boolean): Promise<void>[] =>
      Object.entries(some).map(([name, start]) => settled(name, start(), { mustSucceed }))
    await Promise.all([...run(operations, terms.mustSucceed), ...run(refusable, false)])
  })

/** A record that is handed out was written, as it is. */
function checkRecord({ key, value, headers }: ConsumerRecord<Buffer, Buffer>): void {
  const number = Number(/^value (\d+) /.exec(value?.toString() ?? '')?.[1] ?? -1)
  const isKnown =
    number >= 0 &&
    number < recordCount &&
    value?.toString() === valueAt(number) &&
    key?.toString() === keyAt(number) &&
    headers.length === 1
  must(isKnown, () => `a record that nobody wrote: ${key?.toString()} ${value?.toString()}`)
}

/** Reads until all is read, or the consumer is closed. */
async function read(consumer: Consumer, { mustSucceed }: Terms): Promise<void> {
  let count = 0
  for await (const record of consumer) {
    checkRecord(record as ConsumerRecord<Buffer, Buffer>)
    count += 1
    if (count === recordCount) return
  }
  must(!mustSucceed, () => `${count} of ${recordCount} records came with untouched answers`)
}

/** Reads until all is read, or time is up. */
const consume = (consumer: Consumer, terms: Terms): Promise<void> =>
  using(consumer, terms, async () => {
    const { closeMs: timeoutMs, operationMs } = terms
    // A reader has no limit of its own: whoever closes it is waited for by `using`.
    const timer = setTimeout(() => void consumer.close({ timeoutMs }), operationMs)
    try {
      await settled('the loop of a reader', read(consumer, terms), terms)
    } finally {
      clearTimeout(timer)
    }
  })

const readerOptions = (terms: Terms) =>
  ({
    ...limits(terms),
    autoOffsetReset: 'earliest',
    fetchMaxWaitMs: 50,
    heartbeatIntervalMs: 200,
    sessionTimeoutMs: 6000,
    stallTimeoutMs: terms.operationMs,
  }) as const

const assign: Scenario = (bootstrapServers, terms) => {
  const consumer = new Consumer({ ...readerOptions(terms), bootstrapServers })
  const partitions = [0, 1].map((partition) => ({ topic: readTopic, partition }))
  consumer.assign(partitions)
  return consume(consumer, terms)
}

let groups = 0
const joinGroup: Scenario = (bootstrapServers, terms) => {
  groups += 1
  const groupId = `group ${groups}`
  const topics = [readTopic]
  const consumer = new Consumer({ ...readerOptions(terms), bootstrapServers, groupId, topics })
  return consume(consumer, terms)
}

/** What clients do; each ends by itself, whatever it is answered, and throws only if a property is broken. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  produce,
  administer,
  assign,
  joinGroup,
}

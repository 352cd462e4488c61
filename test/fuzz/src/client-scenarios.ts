import { Admin } from '@ottla/admin'
import { Consumer, type ConsumerRecord } from '@ottla/consumer'
import { Producer } from '@ottla/producer'
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

/** Patience of the clients: short, as every held answer is waited for. */
const limits = {
  clientId: 'fuzz',
  requestTimeoutMs: 400,
  defaultApiTimeoutMs: 900,
  socketConnectionSetupTimeoutMs: 400,
  reconnectBackoffMs: 5,
  reconnectBackoffMaxMs: 50,
  retryBackoffMs: 5,
  retryBackoffMaxMs: 50,
  maxResponseBytes: 2_000_000,
} as const
const readMs = 900
const closing = { timeoutMs: 800 }

/** What an operation may reject with: a KafkaError, or several of them for several records or items. */
function isOurs(error: unknown): boolean {
  if (error instanceof KafkaError) return true
  return error instanceof AggregateError && error.errors.every((one) => one instanceof KafkaError)
}

/** Waits for an operation, which has to end: with a value or an error of ours. */
async function settled(what: string, operation: Promise<unknown>): Promise<void> {
  const outcome = operation.then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  const failure = await within(`the end of ${what}`, outcome)
  if (failure === undefined || isOurs(failure.error)) return
  throw new Error(`${what} rejected with no KafkaError: ${String(failure.error)}`, {
    cause: failure.error,
  })
}

/** Uses a client and closes it, whatever happened. */
async function using<Client extends { close(options: typeof closing): Promise<void> }>(
  client: Client,
  use: (client: Client) => Promise<void>,
): Promise<void> {
  try {
    await use(client)
  } finally {
    await settled('close of a client', client.close(closing))
  }
}

const produce = (bootstrapServers: string): Promise<void> =>
  using(new Producer({ ...limits, bootstrapServers, deliveryTimeoutMs: 900 }), async (producer) => {
    const record = { topic: writtenTopic, key: 'key', value: 'value' }
    await Promise.all([
      settled('send', producer.send(record)),
      settled('send of many', producer.send([record, { ...record, partition: 1 }])),
    ])
    await settled('a later send', producer.send(record))
    await settled('flush', producer.flush())
  })

const administer = (bootstrapServers: string): Promise<void> =>
  using(new Admin({ ...limits, bootstrapServers }), async (admin) => {
    const topics = [{ name: 'made', partitions: 1 }]
    const groups = ['group', 'other']
    const operations: Record<string, () => Promise<unknown>> = {
      listTopics: () => admin.listTopics(),
      describeTopics: () => admin.describeTopics([readTopic, 'missing']),
      createTopics: () => admin.createTopics(topics),
      describeConfigs: () => admin.describeConfigs([{ type: 'topic', name: readTopic }]),
      describeCluster: () => admin.describeCluster(),
      listOffsets: () => admin.listOffsets([{ topic: readTopic }]),
      listGroups: () => admin.listGroups(),
      describeGroups: () => admin.describeGroups(groups),
      listGroupOffsets: () => admin.listGroupOffsets(groups),
      describeLogDirs: () => admin.describeLogDirs(),
      describeProducers: () => admin.describeProducers([{ topic: readTopic, partition: 0 }]),
      describeQuorum: () => admin.describeQuorum(),
      describeFeatures: () => admin.describeFeatures(),
      deleteTopics: () => admin.deleteTopics(['made']),
    }
    await Promise.all(
      Object.entries(operations).map(([name, operation]) => settled(name, operation())),
    )
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

async function read(consumer: Consumer): Promise<void> {
  let count = 0
  for await (const record of consumer) {
    checkRecord(record as ConsumerRecord<Buffer, Buffer>)
    count += 1
    if (count === recordCount) return
  }
}

/** Reads until all is read, or time is up. */
const consume = (consumer: Consumer): Promise<void> =>
  using(consumer, async () => {
    // A reader has no limit of its own: whoever closes it is waited for by `using`.
    const timer = setTimeout(() => void consumer.close(closing), readMs)
    try {
      await settled('the loop of a reader', read(consumer))
    } finally {
      clearTimeout(timer)
    }
  })

const readerOptions = {
  ...limits,
  autoOffsetReset: 'earliest',
  fetchMaxWaitMs: 50,
  heartbeatIntervalMs: 200,
  sessionTimeoutMs: 6000,
  stallTimeoutMs: 900,
} as const

const assign = (bootstrapServers: string): Promise<void> => {
  const consumer = new Consumer({ ...readerOptions, bootstrapServers })
  const partitions = [0, 1].map((partition) => ({ topic: readTopic, partition }))
  consumer.assign(partitions)
  return consume(consumer)
}

let groups = 0
const joinGroup = (bootstrapServers: string): Promise<void> => {
  groups += 1
  const groupId = `group ${groups}`
  const topics = [readTopic]
  const consumer = new Consumer({ ...readerOptions, bootstrapServers, groupId, topics })
  return consume(consumer)
}

/** What clients do; each ends by itself, whatever it is answered, and throws only if a property is broken. */
export const scenarios: Readonly<Record<string, (bootstrapServers: string) => Promise<void>>> = {
  produce,
  administer,
  assign,
  joinGroup,
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Admin } from '@ottla/admin'
import { type ClientName, runClient } from './client-process.ts'
import { expectedChecksum, type Job, type Measurement } from './job.ts'
import { BrokerProcess } from './scale/broker-process.ts'

/** A broker and what a bench does with it: topics made, filled, looked at afterwards. */
export class Bench {
  readonly bootstrapServers: string
  /** What reports call the broker. */
  readonly brokerName: string
  readonly #node: string
  readonly #admin: Admin
  readonly #stop: () => Promise<void>

  private constructor(node: string, address: string, name: string, stop: () => Promise<void>) {
    this.#node = node
    this.bootstrapServers = address
    this.brokerName = name
    this.#admin = new Admin({ bootstrapServers: address })
    this.#stop = stop
  }

  /** Takes the broker at this address, or starts ours, with its data on disk. Needs a build. */
  static async open(node: string, bootstrapServers: string | undefined): Promise<Bench> {
    if (bootstrapServers !== undefined) {
      return new Bench(node, bootstrapServers, bootstrapServers, async () => undefined)
    }
    const { address, stop } = await startOwnBroker(node)
    return new Bench(node, address, 'ottla broker, on disk', stop)
  }

  async createTopic(topic: string, partitions: number): Promise<void> {
    await this.#admin.createTopics([{ name: topic, partitions }])
  }

  async deleteTopic(topic: string): Promise<void> {
    await this.#admin.deleteTopics([topic])
  }

  /** Runs the job in a process of the client's own. */
  run(client: ClientName, job: Job): Promise<Measurement> {
    return runClient(this.#node, client, job)
  }

  /** Writes what a job is to read: always the same producer, with the same batches. */
  async fill(job: Job): Promise<void> {
    await this.run('ottla', { ...job, kind: 'produce', variant: 'enqueue', acks: 1 })
  }

  /** @throws Error if the ends of the topic's partitions do not add up to `total` */
  async verify(topic: string, partitions: number, total: number): Promise<void> {
    const wanted = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
    const offsets = await this.#admin.listOffsets(wanted.map((one) => ({ ...one, at: 'latest' })))
    const sum = offsets.reduce((count, { offset }) => count + Number(offset), 0)
    if (sum !== total) throw new Error(`${topic} holds ${sum} records, ${total} were sent`)
  }

  async close(): Promise<void> {
    await this.#admin.close()
    await this.#stop()
  }
}

/** The checksum of all that a job reads: sequence numbers start anew with the measurement. */
export function checksumOf({ records, warmUpRecords }: Job): number {
  return expectedChecksum(records) + expectedChecksum(warmUpRecords)
}

async function startOwnBroker(node: string) {
  const dataDir = mkdtempSync(join(tmpdir(), 'ottla-bench-'))
  const broker = await BrokerProcess.start(node, ['--data-dir', dataDir])
  return {
    address: broker.address,
    async stop() {
      await broker.end('SIGTERM')
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

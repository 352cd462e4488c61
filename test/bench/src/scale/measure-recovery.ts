import { endOffset } from '../brokers/end-offset.ts'
import { batchOf } from '../brokers/wire.ts'
import { BrokerProcess } from './broker-process.ts'
import { Caller } from './caller.ts'
import type { Figure } from './figure.ts'

const gigabytes = 2
/** No segment is finished in less, so nothing is on the device when the broker is killed. */
const partitions = 4
const inFlight = 5
const topic = 'burst'

/** Kills a broker that has just been given gigabytes, and restarts it. */
export async function measureRecovery(
  node: string,
  folder: string,
  batchBytes: number,
): Promise<Figure> {
  const args = ['--data-dir', `${folder}/burst-${batchBytes}`]
  const broker = await BrokerProcess.start(node, args)
  const caller = await Caller.open(broker.address)
  await caller.createTopics([topic], partitions)
  const { batch, records } = batchOf(batchBytes)
  const each = Math.ceil((gigabytes * 1e9) / batch.length / partitions)
  const fill = async (partition: number): Promise<void> => {
    let left = each
    const one = async (): Promise<void> => {
      while (left > 0) {
        left--
        await caller.produce(topic, partition, batch)
      }
    }
    await Promise.all(Array.from({ length: inFlight }, one))
  }
  await Promise.all(Array.from({ length: partitions }, (_, partition) => fill(partition)))
  caller.close()
  await broker.end('SIGKILL')

  const began = performance.now()
  const next = await BrokerProcess.start(node, args)
  const nextCaller = await Caller.open(next.address)
  for (let partition = 0; partition < partitions; partition++) {
    await nextCaller.produce(topic, partition, batch)
  }
  const value = (performance.now() - began) / 1000
  for (let partition = 0; partition < partitions; partition++) {
    const end = await endOffset(next.address, topic, partition)
    const wanted = (each + 1) * records
    if (end !== wanted) throw new Error(`${topic}-${partition} ends at ${end}, not ${wanted}`)
  }
  nextCaller.close()
  await next.end('SIGKILL')
  const what = `killed with ${gigabytes} GB unflushed in batches of ${Math.round(batchBytes / 1000)} KB, started, all of it checked`
  return { what, value, unit: 's', limit: 2 }
}

import type { AssignorName, Consumer, TopicPartition } from '@ottla/consumer'
import { describe, expect, it } from 'vitest'
import { World } from './src/world.js'

const topic = 'work'
const partitionCount = 12
const recordCount = 2400

interface Member {
  readonly name: string
  readonly consumer: Consumer
  readonly owned: Set<number>
  readonly reading: Promise<void>
}

/** A group in which members come, go, lag behind and lose their connections, and what it must never do. */
class Group {
  readonly #world: World
  readonly #assignor: AssignorName
  readonly members: Member[] = []
  readonly owners = new Map<number, string>()
  readonly read = new Set<string>()
  #count = 0

  constructor(world: World, assignor: AssignorName) {
    this.#world = world
    this.#assignor = assignor
  }

  join(): void {
    const name = `member-${this.#count++}`
    const owned = new Set<number>()
    const isSlow = this.#world.pick(3) === 0
    const consumer = this.#world.consumer(name, {
      groupId: 'group',
      topics: [topic],
      partitionAssignors: [this.#assignor],
      sessionTimeoutMs: 6000,
      heartbeatIntervalMs: 200,
      maxPollRecords: 10,
      onAssigned: (partitions) => this.#gain(name, owned, partitions),
      onRevoked: (partitions) => this.#give(name, owned, partitions),
      onLost: (partitions) => this.#give(name, owned, partitions),
    })
    const reading = this.#read(name, consumer, owned, isSlow)
    this.#world.note(`${name} joins`)
    this.members.push({ name, consumer, owned, reading })
  }

  async leave(index: number): Promise<void> {
    const [member] = this.members.splice(index, 1)
    this.#world.note(`${member?.name} leaves`)
    await member?.consumer.close()
    await member?.reading
  }

  /** Every partition at one member, and nobody with more than one more than others. */
  get isShared(): boolean {
    const sizes = this.members.map(({ owned }) => owned.size)
    const total = sizes.reduce((sum, size) => sum + size, 0)
    return total === partitionCount && Math.max(...sizes) - Math.min(...sizes) <= 1
  }

  #gain(name: string, owned: Set<number>, partitions: readonly TopicPartition[]): void {
    for (const { partition } of partitions) {
      this.#world.note(`${name} gets ${partition}`)
      expect(this.owners.get(partition), `${partition} is free when ${name} gets it`).toBe(
        undefined,
      )
      this.owners.set(partition, name)
      owned.add(partition)
    }
  }

  #give(name: string, owned: Set<number>, partitions: readonly TopicPartition[]): void {
    for (const { partition } of partitions) {
      this.#world.note(`${name} gives ${partition}`)
      expect(this.owners.get(partition)).toBe(name)
      this.owners.delete(partition)
      owned.delete(partition)
    }
  }

  async #read(
    name: string,
    consumer: Consumer,
    owned: ReadonlySet<number>,
    isSlow: boolean,
  ): Promise<void> {
    for await (const batch of consumer.batches()) {
      expect(owned.has(batch.partition), `${name} reads only what it owns`).toBe(true)
      if (isSlow) await pause(this.#world, this.#world.pick(400))
      for (const record of batch) this.read.add(String(record.value))
    }
  }
}

const pause = (world: World, ms: number): Promise<void> =>
  new Promise((resolve) => world.platform.clock.setTimer(ms, () => resolve()))

const produce = async (world: World): Promise<void> => {
  const producer = world.producer('producer')
  const sends: Promise<unknown>[] = []
  for (let number = 0; number < recordCount; number++) {
    const partition = number % partitionCount
    sends.push(producer.send({ topic, partition, value: String(number) }))
    if (number % 20 === 0) await pause(world, world.pick(60))
  }
  await Promise.all(sends)
  await producer.close()
}

const live = async (
  seed: number,
  assignor: AssignorName,
): Promise<{ group: Group; world: World }> => {
  const world = await World.create(seed)
  await world.createTopic(topic, partitionCount)
  const group = new Group(world, assignor)
  const disturb = async (): Promise<void> => {
    for (let round = 0; round < 12; round++) {
      const { length } = group.members
      const chance = world.pick(6)
      if (length < 2 || chance < 2) group.join()
      else if (length > 3 && chance < 4) await group.leave(world.pick(length))
      await pause(world, 20 + world.pick(400))
      const machines = ['broker', ...group.members.map(({ name }) => name)]
      if (world.pick(2) === 0) world.kill(machines[world.pick(machines.length)] as string)
    }
  }
  const finish = async (): Promise<void> => {
    while (!group.isShared || group.read.size < recordCount) await pause(world, 50)
    while (group.members.length > 0) await group.leave(0)
  }
  await world.run(Promise.all([produce(world), disturb()]).then(finish))
  await world.close()
  return { group, world }
}

/** `OTTLA_SEEDS` runs so many seeds instead of 5; `OTTLA_SEED` replays one. */
const { OTTLA_SEED, OTTLA_SEEDS = '5' } = process.env
const seeds =
  OTTLA_SEED === undefined
    ? Array.from({ length: Number(OTTLA_SEEDS) }, (_, index) => index + 1)
    : [Number(OTTLA_SEED)]

describe.each(['cooperative-sticky', 'sticky', 'range'] as const)('a group by %s', (assignor) => {
  it.each(seeds)(
    'never has two owners of a partition, and in the end one of each (OTTLA_SEED=%i)',
    async (seed) => {
      const { group } = await live(seed, assignor)
      expect(group.owners.size).toBe(0)
      expect(group.read.size).toBe(recordCount)
    },
  )
})

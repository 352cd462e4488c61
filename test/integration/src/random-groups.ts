import {
  type Assignor,
  type AssignorMember,
  type AssignorPartition,
  type AssignorTopics,
  builtInAssignors,
  type TopicPartition,
} from '@ottla/consumer'

/** What an assignor is asked, and what ours answered. */
export interface AssignorCase {
  readonly seed: number
  readonly assignor: string
  readonly members: readonly AssignorMember[]
  readonly topics: AssignorTopics
  readonly ours: ReadonlyMap<string, readonly TopicPartition[]>
}

/** Mulberry32: small, and the same everywhere. */
const createPicker = (seed: number) => {
  let state = seed
  return (count: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count
  }
}

interface Life {
  readonly assignor: Assignor
  readonly pick: (count: number) => number
  readonly hasRacks: boolean
  readonly isUniform: boolean
  readonly topics: Map<string, AssignorPartition[]>
  members: AssignorMember[]
  memberCount: number
}

/** The life of one group under an assignor: members and partitions come and go, and each round begins where the last one ended. */
export function playGroup(name: keyof typeof builtInAssignors, seed: number): AssignorCase[] {
  const pick = createPicker(seed)
  const assignor = builtInAssignors[name]
  const life: Life = {
    assignor,
    pick,
    hasRacks: pick(2) === 0,
    isUniform: pick(2) === 0,
    topics: new Map(),
    members: [],
    memberCount: 0,
  }
  for (let topic = pick(5); topic >= 0; topic--) growTopic(life, `topic-${topic}`)
  for (let count = 1 + pick(6); count > 0; count--) addMember(life)
  const cases: AssignorCase[] = []
  for (let generationId = 1; generationId <= 4; generationId++) {
    const topics = subscribedTopics(life)
    const members = [...life.members]
    const ours = assignor.assign(members, topics)
    cases.push({ seed, assignor: name, members, topics: new Map(topics), ours })
    life.members = members.map((member) => settle(life, member, ours, generationId))
    if (pick(3) === 0) addMember(life)
    if (pick(3) === 0 && life.members.length > 1) life.members.splice(pick(life.members.length), 1)
    if (pick(4) === 0) growTopic(life, `topic-${pick(6)}`)
  }
  return cases
}

const growTopic = ({ topics, pick, hasRacks }: Life, name: string): void => {
  const partitions = topics.get(name) ?? []
  const replicas = 1 + pick(3)
  for (let count = 1 + pick(8); count > 0; count--) {
    const first = pick(3)
    const racks = hasRacks
      ? Array.from({ length: replicas }, (_, at) => `rack-${(first + at) % 3}`)
      : []
    partitions.push({ partition: partitions.length, racks })
  }
  topics.set(name, partitions)
}

const addMember = (life: Life): void => {
  const { pick, topics, members, isUniform } = life
  const all = [...topics.keys()]
  const uniform = members[0]?.topics ?? all
  const number = life.memberCount++
  members.push({
    // Ids in no order.
    memberId: `member-${pick(1000)}-${number}`,
    groupInstanceId: pick(4) === 0 ? `instance-${pick(100)}-${number}` : null,
    topics: isUniform ? uniform : pickTopics(all, pick),
    ownedPartitions: [],
    generationId: -1,
    rackId: life.hasRacks && pick(5) > 0 ? `rack-${pick(4)}` : null,
    userData: null,
  })
}

const subscribedTopics = ({ topics, members }: Life): AssignorTopics => {
  const wanted = new Set(members.flatMap((member) => member.topics))
  return new Map(
    [...topics]
      .map(([name, list]) => [name, [...list]] as const)
      .filter(([name]) => wanted.has(name)),
  )
}

/** The member as it joins the next round; one in ten has missed this round's assignment. */
const settle = (
  { assignor, pick, isUniform, topics: all }: Life,
  member: AssignorMember,
  assignment: ReadonlyMap<string, readonly TopicPartition[]>,
  generationId: number,
): AssignorMember => {
  if (pick(10) === 0) return member
  const lastPartitions = assignment.get(member.memberId) ?? []
  const topics = isUniform || pick(6) > 0 ? member.topics : pickTopics([...all.keys()], pick)
  const context = { topics, lastPartitions, lastGenerationId: generationId }
  const isCooperative = assignor.protocols?.includes('cooperative') === true
  return {
    ...member,
    topics,
    ownedPartitions: isCooperative ? lastPartitions : [],
    generationId: isCooperative && pick(3) === 0 ? -1 : generationId,
    userData: assignor.encodeUserData?.(context) ?? null,
  }
}

const pickTopics = (all: readonly string[], pick: Life['pick']): string[] => {
  const some = all.filter(() => pick(3) > 0)
  // Not none: Java's sticky assignors give partitions also to members without topics.
  return some.length > 0 ? some : all.slice(0, 1)
}

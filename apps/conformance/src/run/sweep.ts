import { DeleteGroups, DeleteTopics, ListGroups, Metadata, ZERO_UUID } from '@ottla/protocol'
import { formatAddress } from '../client/address.js'
import type { AnyApi } from '../client/any-api.js'
import { newestVersion, type RawClient } from '../client/raw-client.js'
import type { Target } from '../target.js'
import { type Advertised, usableVersions } from './advertised.js'
import { openClient } from './open-client.js'

/** What is swept, and where. */
export interface SweepOptions {
  readonly target: Target
  readonly advertised: Advertised
  readonly deadlineMs: number
  /** What the names of all topics and groups of the run begin with. */
  readonly prefix: string
  readonly signal: AbortSignal
}

/**
 * Deletes the topics and groups that a run has left: rules that are about groups leave hundreds behind. What cannot be
 * deleted stays, without a word: it says nothing about rules. Those are groups with members whose sessions have not ended.
 */
export async function sweep(options: SweepOptions): Promise<void> {
  const { target } = options
  await withClient(target.address, options, async (client) => {
    const request = { topics: null, allowAutoTopicCreation: false }
    const { brokers, topics } = await client.ask(Metadata, request)
    const names = topics.flatMap(({ name }) => (isOfRun(name, options) ? name : []))
    for (const broker of brokers) {
      await withClient(formatAddress(broker), options, (one) => sweepGroups(one, options))
    }
    await deleteTopics(client, names, options)
  })
}

const isOfRun = (name: string | null, { prefix }: SweepOptions): name is string =>
  name?.startsWith(prefix) === true

/** Groups of which the broker is the coordinator. */
async function sweepGroups(client: RawClient, options: SweepOptions): Promise<void> {
  const { groups } = await client.ask(ListGroups, { statesFilter: [], typesFilter: [] })
  const groupsNames = groups.map(({ groupId }) => groupId).filter((id) => isOfRun(id, options))
  if (groupsNames.length > 0) await client.ask(DeleteGroups, { groupsNames })
}

async function deleteTopics(
  client: RawClient,
  names: readonly string[],
  { deadlineMs }: SweepOptions,
): Promise<void> {
  if (names.length === 0) return
  const topics = names.map((name) => ({ name, topicId: ZERO_UUID }))
  await client.ask(DeleteTopics, { topics, topicNames: names, timeoutMs: deadlineMs })
}

async function withClient(
  address: string,
  { target, advertised, deadlineMs, signal }: SweepOptions,
  use: (client: RawClient) => Promise<void>,
): Promise<void> {
  const versionFor = (api: AnyApi) => newestVersion(api, usableVersions(advertised, api))
  try {
    const client = await openClient({ ...target, address }, { deadlineMs, signal, versionFor })
    await use(client).finally(() => client.close())
  } catch {
    // Of another broker there may be more to delete.
  }
}

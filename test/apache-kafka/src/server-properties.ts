import { listenerSettings, type PlacedListener } from './security.js'

/** Where a node of a cluster listens and keeps its data. */
export interface NodePlace {
  id: number
  /** For clients; the first is the plain one, which the brokers use among themselves. */
  listeners: readonly PlacedListener[]
  controllerPort: number
  dataDir: string
}

/** The text of a `server.properties`. */
export function serverProperties(
  node: NodePlace,
  cluster: readonly NodePlace[],
  configs: Readonly<Record<string, string | number | boolean>>,
): string {
  const replicas = Math.min(cluster.length, 3)
  const voters = cluster.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`)
  const forClients = listenerSettings(node.listeners)
  const controller = `CONTROLLER://127.0.0.1:${node.controllerPort}`
  const protocols = `${forClients['listener.security.protocol.map']},CONTROLLER:PLAINTEXT`
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': voters.join(','),
    ...forClients,
    listeners: `${forClients.listeners},${controller}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': protocols,
    'log.dirs': node.dataDir,
    ...TEST_SETTINGS,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': Math.min(replicas, 2),
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': Math.min(replicas, 2),
    'default.replication.factor': replicas,
    ...configs,
  }
  const text = Object.entries(properties).map(([key, value]) => `${key}=${escaped(value)}\n`)
  return text
    .join('')
    .replaceAll('{port}', String(node.listeners[0]?.port))
    .replaceAll('{controllerPort}', String(node.controllerPort))
    .replaceAll('{nodeId}', String(node.id))
}

/** A properties file takes backslashes and line ends in a value in their escaped form only. */
function escaped(value: string | number | boolean): string {
  return String(value).replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

/**
 * Groups form at once, internal topics are small so that they are there soon, a killed broker may register again
 * after 5 seconds instead of 9, and the controller does not wait 25 ms for company before it writes: brokers hand on one
 * request at a time, so that this is what a topic takes.
 */
const TEST_SETTINGS = {
  'broker.heartbeat.interval.ms': 1000,
  'controller.quorum.append.linger.ms': 0,
  'broker.session.timeout.ms': 5000,
  'group.initial.rebalance.delay.ms': 0,
  'offsets.topic.num.partitions': 5,
  'transaction.state.log.num.partitions': 5,
  'share.coordinator.state.topic.num.partitions': 5,
}

/** Where a node of a cluster listens and keeps its data. */
export interface NodePlace {
  id: number
  port: number
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
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': voters.join(','),
    listeners: `PLAINTEXT://127.0.0.1:${node.port},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${node.port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
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
  const text = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`)
  return text
    .join('')
    .replaceAll('{port}', String(node.port))
    .replaceAll('{controllerPort}', String(node.controllerPort))
}

/**
 * Groups form at once, internal topics are small so that they are there soon, and a killed broker may register again
 * after 5 seconds instead of 9.
 */
const TEST_SETTINGS = {
  'broker.heartbeat.interval.ms': 1000,
  'broker.session.timeout.ms': 5000,
  'group.initial.rebalance.delay.ms': 0,
  'offsets.topic.num.partitions': 5,
  'transaction.state.log.num.partitions': 5,
  'share.coordinator.state.topic.num.partitions': 5,
}

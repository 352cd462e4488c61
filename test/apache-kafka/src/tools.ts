import { brokerJars, LAST_3_RELEASE, toolsJars } from './jar-sets.js'
import type { Jars } from './maven.js'
import { type RunOptions, type RunResult, run } from './run.js'

const PACKAGE = 'org.apache.kafka.tools'

/** Kafka's command-line tools by the names of their scripts; `bootstrap` is the option that takes the address. */
const TOOLS = {
  'console-producer': { main: 'ConsoleProducer', bootstrap: '--bootstrap-server' },
  'console-consumer': { main: 'consumer.ConsoleConsumer', bootstrap: '--bootstrap-server' },
  'console-share-consumer': {
    main: 'consumer.ConsoleShareConsumer',
    bootstrap: '--bootstrap-server',
  },
  topics: { main: 'TopicCommand', bootstrap: '--bootstrap-server' },
  'consumer-groups': {
    main: 'consumer.group.ConsumerGroupCommand',
    bootstrap: '--bootstrap-server',
  },
  'get-offsets': { main: 'GetOffsetShell', bootstrap: '--bootstrap-server' },
  'log-dirs': { main: 'LogDirsCommand', bootstrap: '--bootstrap-server' },
  'leader-election': { main: 'LeaderElectionCommand', bootstrap: '--bootstrap-server' },
  'metadata-quorum': { main: 'MetadataQuorumCommand', bootstrap: '--bootstrap-server' },
  'delete-records': { main: 'DeleteRecordsCommand', bootstrap: '--bootstrap-server' },
  'broker-api-versions': { main: 'BrokerApiVersionsCommand', bootstrap: '--bootstrap-server' },
  acls: { main: 'AclCommand', bootstrap: '--bootstrap-server' },
  'client-metrics': { main: 'ClientMetricsCommand', bootstrap: '--bootstrap-server' },
  features: { main: 'FeatureCommand', bootstrap: '--bootstrap-server' },
  transactions: { main: 'TransactionsCommand', bootstrap: '--bootstrap-server' },
  'producer-perf': { main: 'ProducerPerformance', bootstrap: '--bootstrap-server' },
  'consumer-perf': { main: 'ConsumerPerformance', bootstrap: '--bootstrap-server' },
  'verifiable-producer': { main: 'VerifiableProducer', bootstrap: '--bootstrap-server' },
  'verifiable-consumer': { main: 'VerifiableConsumer', bootstrap: '--bootstrap-server' },
  'transactional-message-copier': {
    main: 'TransactionalMessageCopier',
    bootstrap: '--broker-list',
  },
  'dump-log': { main: 'DumpLogSegments', bootstrap: undefined },
} as const

/** A command-line tool of Kafka, named as its script without `kafka-` and `.sh`. */
export type KafkaTool = keyof typeof TOOLS

/**
 * Runs one of Kafka's command-line tools, release 4.3.1, to its end.
 *
 * @param bootstrapServers address to talk to; tools that read files take undefined
 * @throws Error with the tool's output when it ends with a status other than 0 or takes too long
 */
export async function runTool(
  name: KafkaTool,
  bootstrapServers: string | undefined,
  args: readonly string[],
  options?: RunOptions,
): Promise<RunResult> {
  const { main, bootstrap } = TOOLS[name]
  return runJava(
    await toolsJars(),
    `${PACKAGE}.${main}`,
    bootstrap,
    bootstrapServers,
    args,
    options,
  )
}

/** Runs kafka-configs to its end: of 3.9.2, where it is still part of the broker's jar. Fails as `runTool` does. */
export async function runConfigs(
  bootstrapServers: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<RunResult> {
  const jars = await brokerJars(LAST_3_RELEASE)
  const main = 'kafka.admin.ConfigCommand'
  return runJava(jars, main, '--bootstrap-server', bootstrapServers, args, options)
}

function runJava(
  jars: Jars,
  main: string,
  bootstrap: string | undefined,
  bootstrapServers: string | undefined,
  args: readonly string[],
  options?: RunOptions,
): Promise<RunResult> {
  const address =
    bootstrap !== undefined && bootstrapServers !== undefined ? [bootstrap, bootstrapServers] : []
  // One compiler thread level starts a short-lived tool in half the time.
  const jvm = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx512m', '-Xshare:auto']
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
  return run('java', [...jvm, quiet, '-cp', jars.classPath, main, ...address, ...args], options)
}

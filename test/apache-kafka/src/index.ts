export {
  type ApacheKafka,
  type ApacheKafkaNode,
  type ApacheKafkaOptions,
  startApacheKafka,
} from './apache-kafka.js'
export { cacheFolder, withLock } from './cache.js'
export { createTopic } from './create-topic.js'
export { goPrograms } from './go-program.js'
export {
  brokerJars,
  CURRENT_RELEASE,
  LAST_3_RELEASE,
  TOOLS_RELEASE,
  toolsJars,
} from './jar-sets.js'
export { runJavaProgram } from './java.js'
export { javaConsume, javaProduce } from './java-console.js'
export { type KfakeOptions, startKfake } from './kfake.js'
export { killAtExit } from './kill-at-exit.js'
export { type Artifact, fetchJars, type Jars } from './maven.js'
export { newestNode } from './newest-node.js'
export { type OttlaBrokerOptions, startOttlaBroker } from './ottla-broker.js'
export { freePorts } from './ports.js'
export { untilReady } from './probe.js'
export { type TargetAbility, type TargetProfile, targetProfiles } from './profiles.js'
export { ReadyServer } from './ready-server.js'
export { type RecordedApiVersions, readRecordedApiVersions } from './recorded-api-versions.js'
export { request } from './request.js'
export { requires, type ToolName } from './requires.js'
export { type RunOptions, type RunResult, run } from './run.js'
export {
  certificateFile,
  type ListenerKind,
  type SecurityProtocol,
  type TargetCertificates,
  type TargetUser,
} from './security.js'
export { parseRecords, type SeenRecord } from './seen-record.js'
export { ServerProcess } from './server-process.js'
export { chosenTarget, startTarget, type TargetOptions, targetNames } from './start-target.js'
export {
  type KafkaTarget,
  listenerOf,
  type TargetListener,
  type TargetNode,
  userOf,
} from './target.js'
export { type KafkaTool, runConfigs, runTool } from './tools.js'
export { type MessageVectors, readVectors, type Vector } from './vectors.js'

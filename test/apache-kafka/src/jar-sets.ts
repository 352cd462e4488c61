import { type Artifact, fetchJars, type Jars } from './maven.js'

/** The release that brokers and vectors use unless told otherwise. */
export const CURRENT_RELEASE = '4.4.0'
/** The last release with the versions that 4.0 dropped (KIP-896). */
export const LAST_3_RELEASE = '3.9.2'
/** The newest release of the command-line tools that Maven serves. */
export const TOOLS_RELEASE = '4.3.1'

/** A binding is needed, else slf4j drops what Kafka logs. */
const LOGGING: Artifact = { groupId: 'org.slf4j', artifactId: 'slf4j-simple', version: '1.7.36' }

const kafka = (artifactId: string, version: string): Artifact => ({
  groupId: 'org.apache.kafka',
  artifactId,
  version,
})

/** The jars of a broker: also holds every schema and every generated message class of that release. */
export function brokerJars(version: string = CURRENT_RELEASE): Promise<Jars> {
  return fetchJars(`broker-${version}`, [kafka('kafka_2.13', version), LOGGING])
}

/** The jars of the command-line tools. In a folder of their own: classes moved between 4.3 and 4.4. */
export function toolsJars(): Promise<Jars> {
  return fetchJars(`tools-${TOOLS_RELEASE}`, [kafka('kafka-tools', TOOLS_RELEASE), LOGGING])
}

/** The jars that hold schemas. */
const SCHEMA_ARTIFACTS = [
  'kafka-clients',
  'kafka-metadata',
  'kafka-group-coordinator',
  'kafka-transaction-coordinator',
  'kafka-share-coordinator',
  'kafka-raft',
]

/** The newest jars with schemas that Maven serves today, whatever their version. */
export function newestSchemaJars(): Promise<Jars> {
  const range = `[${CURRENT_RELEASE},)`
  const artifacts = SCHEMA_ARTIFACTS.map((artifact) => kafka(artifact, range))
  return fetchJars('newest', artifacts)
}

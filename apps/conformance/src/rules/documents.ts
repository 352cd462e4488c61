const SITE = 'https://kafka.apache.org/44'
const PROTOCOL = `${SITE}/design/protocol/`
const MESSAGE_FORMAT = `${SITE}/implementation/message-format/`

/** Pages of Kafka's documentation that rules have as their source, as of the newest release that the suite knows. */
export const documents = {
  network: `${PROTOCOL}#network`,
  frames: `${PROTOCOL}#common-request-and-response-structure`,
  apiKeys: `${PROTOCOL}#api-keys`,
  errorCodes: `${PROTOCOL}#error-codes`,
  messages: `${PROTOCOL}#the-messages`,
  concepts: `${SITE}/getting-started/introduction/#main-concepts-and-terminology`,
  log: `${SITE}/implementation/log/`,
  logReads: `${SITE}/implementation/log/#reads`,
  recordBatch: `${MESSAGE_FORMAT}#record-batch`,
  controlBatch: `${MESSAGE_FORMAT}#control-batches`,
  longPolling: `${SITE}/design/design/#push-vs-pull`,
  durability: `${SITE}/design/design/#availability-and-durability-guarantees`,
  compaction: `${SITE}/design/design/#log-compaction`,
  /** The limit of 249 characters is there; which characters may be in a name only the code says. */
  topicNames: `${SITE}/operations/basic-kafka-operations/#adding-and-removing-topics; org.apache.kafka.common.internals.Topic.validate`,
  operations: `${SITE}/security/authorization-and-acls/#operations-and-resources-on-protocols`,
} as const

/** Where the fields of an API's request and answer are. */
export const messageDocument = (api: string): string => `${PROTOCOL}#The_Messages_${api}`

/** Where a config of topics is. */
export const topicConfigDocument = (config: string): string =>
  `${SITE}/configuration/topic-configs/#topicconfigs_${config}`

/** Where a config of brokers is. */
export const brokerConfigDocument = (config: string): string =>
  `${SITE}/configuration/broker-configs/#brokerconfigs_${config}`

/** Where a config of producers is: what a broker owes them. */
export const producerConfigDocument = (config: string): string =>
  `${SITE}/configuration/producer-configs/#producerconfigs_${config}`

/** Where a config of consumers is: what a broker owes them. */
export const consumerConfigDocument = (config: string): string =>
  `${SITE}/configuration/consumer-configs/#consumerconfigs_${config}`

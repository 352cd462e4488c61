import { errorTexts } from './error-texts.js'

/** What kind of trouble an error code means to a client. */
export type ErrorKind =
  /** The same request may succeed later. */
  | 'retriable'
  /** The principal lacks a right. */
  | 'authorization'
  /** The credentials or the exchange of them failed. */
  | 'authentication'
  /** Configuration or argument must be changed first. */
  | 'configuration'
  /** This client instance lost its place; the application can start a new one. */
  | 'recoverable'
  /** Anything else; not retried. */
  | 'failure'

interface Row<Code extends number = number> {
  readonly code: Code
  readonly kind: ErrorKind
  readonly fatal: boolean
  readonly refresh?: 'metadata' | 'coordinator'
}

const kind =
  (kind: ErrorKind, refresh?: 'metadata' | 'coordinator') =>
  <const Code extends number>(code: Code, fatal = false): Row<Code> =>
    refresh === undefined ? { code, kind, fatal } : { code, kind, fatal, refresh }

const retry = kind('retriable')
const refreshMetadata = kind('retriable', 'metadata')
const refreshCoordinator = kind('retriable', 'coordinator')
const authorization = kind('authorization')
const authentication = kind('authentication')
const configuration = kind('configuration')
const recoverable = kind('recoverable')
const failure = kind('failure')

/** Every error code of the protocol, as of Kafka 4.4: https://kafka.apache.org/protocol#protocol_error_codes */
const rows = {
  UNKNOWN_SERVER_ERROR: failure(-1),
  NONE: failure(0),
  OFFSET_OUT_OF_RANGE: failure(1),
  CORRUPT_MESSAGE: retry(2),
  UNKNOWN_TOPIC_OR_PARTITION: refreshMetadata(3),
  INVALID_FETCH_SIZE: failure(4),
  LEADER_NOT_AVAILABLE: refreshMetadata(5),
  NOT_LEADER_OR_FOLLOWER: refreshMetadata(6),
  REQUEST_TIMED_OUT: retry(7),
  BROKER_NOT_AVAILABLE: failure(8),
  REPLICA_NOT_AVAILABLE: refreshMetadata(9),
  MESSAGE_TOO_LARGE: failure(10),
  STALE_CONTROLLER_EPOCH: failure(11),
  OFFSET_METADATA_TOO_LARGE: failure(12),
  NETWORK_EXCEPTION: refreshMetadata(13),
  COORDINATOR_LOAD_IN_PROGRESS: retry(14),
  COORDINATOR_NOT_AVAILABLE: refreshCoordinator(15),
  NOT_COORDINATOR: refreshCoordinator(16),
  INVALID_TOPIC_EXCEPTION: configuration(17),
  RECORD_LIST_TOO_LARGE: configuration(18),
  NOT_ENOUGH_REPLICAS: retry(19),
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: retry(20),
  INVALID_REQUIRED_ACKS: configuration(21),
  ILLEGAL_GENERATION: recoverable(22),
  INCONSISTENT_GROUP_PROTOCOL: failure(23),
  INVALID_GROUP_ID: failure(24),
  UNKNOWN_MEMBER_ID: recoverable(25),
  INVALID_SESSION_TIMEOUT: failure(26),
  REBALANCE_IN_PROGRESS: failure(27),
  INVALID_COMMIT_OFFSET_SIZE: failure(28),
  TOPIC_AUTHORIZATION_FAILED: authorization(29),
  GROUP_AUTHORIZATION_FAILED: authorization(30),
  CLUSTER_AUTHORIZATION_FAILED: authorization(31),
  INVALID_TIMESTAMP: failure(32),
  UNSUPPORTED_SASL_MECHANISM: authentication(33),
  ILLEGAL_SASL_STATE: authentication(34),
  UNSUPPORTED_VERSION: configuration(35),
  TOPIC_ALREADY_EXISTS: failure(36),
  INVALID_PARTITIONS: failure(37),
  INVALID_REPLICATION_FACTOR: configuration(38),
  INVALID_REPLICA_ASSIGNMENT: failure(39),
  INVALID_CONFIG: configuration(40),
  NOT_CONTROLLER: retry(41),
  INVALID_REQUEST: failure(42),
  UNSUPPORTED_FOR_MESSAGE_FORMAT: configuration(43),
  POLICY_VIOLATION: failure(44),
  OUT_OF_ORDER_SEQUENCE_NUMBER: failure(45),
  DUPLICATE_SEQUENCE_NUMBER: failure(46),
  INVALID_PRODUCER_EPOCH: recoverable(47),
  INVALID_TXN_STATE: failure(48),
  INVALID_PRODUCER_ID_MAPPING: recoverable(49, true),
  INVALID_TRANSACTION_TIMEOUT: failure(50),
  CONCURRENT_TRANSACTIONS: retry(51),
  TRANSACTION_COORDINATOR_FENCED: failure(52),
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: authorization(53, true),
  SECURITY_DISABLED: failure(54),
  OPERATION_NOT_ATTEMPTED: failure(55),
  KAFKA_STORAGE_ERROR: refreshMetadata(56),
  LOG_DIR_NOT_FOUND: failure(57),
  SASL_AUTHENTICATION_FAILED: authentication(58),
  UNKNOWN_PRODUCER_ID: failure(59),
  REASSIGNMENT_IN_PROGRESS: failure(60),
  DELEGATION_TOKEN_AUTH_DISABLED: failure(61),
  DELEGATION_TOKEN_NOT_FOUND: failure(62),
  DELEGATION_TOKEN_OWNER_MISMATCH: failure(63),
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: failure(64),
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: authorization(65),
  DELEGATION_TOKEN_EXPIRED: failure(66),
  INVALID_PRINCIPAL_TYPE: failure(67),
  NON_EMPTY_GROUP: failure(68),
  GROUP_ID_NOT_FOUND: failure(69),
  FETCH_SESSION_ID_NOT_FOUND: retry(70),
  INVALID_FETCH_SESSION_EPOCH: retry(71),
  LISTENER_NOT_FOUND: refreshMetadata(72),
  TOPIC_DELETION_DISABLED: failure(73),
  FENCED_LEADER_EPOCH: refreshMetadata(74),
  UNKNOWN_LEADER_EPOCH: retry(75),
  UNSUPPORTED_COMPRESSION_TYPE: failure(76),
  STALE_BROKER_EPOCH: failure(77),
  OFFSET_NOT_AVAILABLE: retry(78),
  MEMBER_ID_REQUIRED: failure(79),
  PREFERRED_LEADER_NOT_AVAILABLE: refreshMetadata(80),
  GROUP_MAX_SIZE_REACHED: failure(81),
  FENCED_INSTANCE_ID: recoverable(82, true),
  ELIGIBLE_LEADERS_NOT_AVAILABLE: refreshMetadata(83),
  ELECTION_NOT_NEEDED: refreshMetadata(84),
  NO_REASSIGNMENT_IN_PROGRESS: failure(85),
  GROUP_SUBSCRIBED_TO_TOPIC: failure(86),
  INVALID_RECORD: configuration(87),
  UNSTABLE_OFFSET_COMMIT: retry(88),
  THROTTLING_QUOTA_EXCEEDED: retry(89),
  PRODUCER_FENCED: recoverable(90, true),
  RESOURCE_NOT_FOUND: failure(91),
  DUPLICATE_RESOURCE: failure(92),
  UNACCEPTABLE_CREDENTIAL: failure(93),
  INCONSISTENT_VOTER_SET: failure(94),
  INVALID_UPDATE_VERSION: failure(95),
  FEATURE_UPDATE_FAILED: failure(96),
  PRINCIPAL_DESERIALIZATION_FAILURE: failure(97),
  SNAPSHOT_NOT_FOUND: failure(98),
  POSITION_OUT_OF_RANGE: failure(99),
  UNKNOWN_TOPIC_ID: refreshMetadata(100),
  DUPLICATE_BROKER_REGISTRATION: failure(101),
  BROKER_ID_NOT_REGISTERED: failure(102),
  INCONSISTENT_TOPIC_ID: refreshMetadata(103),
  INCONSISTENT_CLUSTER_ID: failure(104),
  TRANSACTIONAL_ID_NOT_FOUND: failure(105),
  FETCH_SESSION_TOPIC_ID_ERROR: retry(106),
  INELIGIBLE_REPLICA: failure(107),
  NEW_LEADER_ELECTED: failure(108),
  OFFSET_MOVED_TO_TIERED_STORAGE: failure(109),
  FENCED_MEMBER_EPOCH: failure(110),
  UNRELEASED_INSTANCE_ID: failure(111),
  UNSUPPORTED_ASSIGNOR: failure(112),
  STALE_MEMBER_EPOCH: failure(113),
  MISMATCHED_ENDPOINT_TYPE: failure(114),
  UNSUPPORTED_ENDPOINT_TYPE: failure(115),
  UNKNOWN_CONTROLLER_ID: failure(116),
  UNKNOWN_SUBSCRIPTION_ID: failure(117),
  TELEMETRY_TOO_LARGE: failure(118),
  INVALID_REGISTRATION: failure(119),
  TRANSACTION_ABORTABLE: failure(120),
  INVALID_RECORD_STATE: failure(121),
  SHARE_SESSION_NOT_FOUND: retry(122),
  INVALID_SHARE_SESSION_EPOCH: retry(123),
  FENCED_STATE_EPOCH: failure(124),
  INVALID_VOTER_KEY: failure(125),
  DUPLICATE_VOTER: failure(126),
  VOTER_NOT_FOUND: failure(127),
  INVALID_REGULAR_EXPRESSION: failure(128),
  REBOOTSTRAP_REQUIRED: failure(129),
  STREAMS_INVALID_TOPOLOGY: failure(130),
  STREAMS_INVALID_TOPOLOGY_EPOCH: failure(131),
  STREAMS_TOPOLOGY_FENCED: failure(132),
  SHARE_SESSION_LIMIT_REACHED: retry(133),
  GROUP_DELETION_FAILED: failure(134),
  STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED: failure(135),
  CONTROLLER_ID_NOT_REGISTERED: failure(136),
} as const satisfies Record<keyof typeof errorTexts, Row>

/** Kafka's name of an error code, such as `NOT_COORDINATOR`. */
export type ErrorName = keyof typeof rows

/** Kafka's error codes by name: `ErrorCode.NOT_COORDINATOR` is 16. */
export const ErrorCode: { readonly [Name in ErrorName]: (typeof rows)[Name]['code'] } =
  Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, row.code])) as {
    readonly [Name in ErrorName]: (typeof rows)[Name]['code']
  }

/** The number of any known error code. */
export type ErrorCode = (typeof ErrorCode)[ErrorName]

/** What is known about an error code. */
export interface ErrorInfo {
  readonly code: number
  readonly name: ErrorName | `UNKNOWN_ERROR_CODE_${number}`
  readonly kind: ErrorKind
  /** The same request may succeed later, after `refresh` if there is one. */
  readonly retriable: boolean
  /** This producer or member cannot go on, whatever the API. Some codes are fatal in some APIs only: not marked here. */
  readonly fatal: boolean
  /** What to look up again before a retry. */
  readonly refresh?: 'metadata' | 'coordinator'
  /** What it means and what to do, as one clause. */
  readonly text: string
}

const infos = new Map<number, ErrorInfo>(
  (Object.entries(rows) as [ErrorName, Row][]).map(([name, row]) => [
    row.code,
    { name, ...row, retriable: row.kind === 'retriable', text: errorTexts[name] },
  ]),
)

/** Every row of the table, in the order of the codes. */
export const errorInfos: readonly ErrorInfo[] = [...infos.values()]

/** Looks up an error code; one that this version does not know is not retriable, as UNKNOWN_SERVER_ERROR. */
export const errorInfo = (code: number): ErrorInfo =>
  infos.get(code) ?? {
    code,
    name: `UNKNOWN_ERROR_CODE_${code}`,
    kind: 'failure',
    retriable: false,
    fatal: false,
    text: 'an error code of a newer Kafka version than this client knows; look into the broker’s log',
  }

import type { FuzzerDefinition } from '../fuzzer.js'

/** Every fuzzer. Each is loaded by the process that runs it. */
export const fuzzers: readonly FuzzerDefinition[] = [
  {
    name: 'frames',
    property: 'a stream in any pieces gives its frames, or is refused at the first bad size',
    suiteRuns: 3000,
    create: async () => (await import('./frames.js')).frames,
  },
  {
    name: 'messages',
    property:
      'bytes of a message are refused with a WireError, or encode to what decodes to the same',
    suiteRuns: 6000,
    create: async () => (await import('./messages.js')).messages,
  },
  {
    name: 'records',
    property:
      'batches of any magic are refused with a WireError, or read the same twice and rewritten',
    suiteRuns: 3000,
    create: async () => (await import('./record-batches.js')).recordBatches,
  },
  {
    name: 'compression',
    property: 'a block is refused with a WireError, or gives no more bytes than are allowed',
    suiteRuns: 4000,
    create: async () => (await import('./compression.js')).createCompression(),
  },
  {
    name: 'log-files',
    property:
      'a data directory with a damaged file opens with what lies before the damage, or is refused with a named error',
    suiteRuns: 3000,
    create: async () => (await import('./log-files.js')).createLogFiles(),
  },
  {
    name: 'broker',
    property:
      'whatever a client sends is answered or ends its connection, and others are served as before',
    suiteRuns: 600,
    create: async () => (await import('./broker.js')).createBroker(),
  },
  {
    name: 'clients',
    property:
      'whatever a broker answers, every operation ends with a value or a KafkaError, and no record is made up',
    suiteRuns: 12,
    create: async () => (await import('./clients.js')).createClients(),
  },
]

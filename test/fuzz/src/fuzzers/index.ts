import type { FuzzerDefinition } from '../fuzzer.js'
import { createBroker } from './broker.js'
import { createClients } from './clients.js'
import { createCompression } from './compression.js'
import { frames } from './frames.js'
import { createLogFiles } from './log-files.js'
import { messages } from './messages.js'
import { recordBatches } from './record-batches.js'

/** Every fuzzer. */
export const fuzzers: readonly FuzzerDefinition[] = [
  {
    name: 'frames',
    property: 'a stream in any pieces gives its frames, or is refused at the first bad size',
    suiteRuns: 600,
    create: () => frames,
  },
  {
    name: 'messages',
    property:
      'bytes of a message are refused with a WireError, or encode to what decodes to the same',
    suiteRuns: 600,
    create: () => messages,
  },
  {
    name: 'records',
    property:
      'batches of any magic are refused with a WireError, or read the same twice and rewritten',
    suiteRuns: 600,
    create: () => recordBatches,
  },
  {
    name: 'compression',
    property: 'a block is refused with a WireError, or gives no more bytes than are allowed',
    suiteRuns: 600,
    create: createCompression,
  },
  {
    name: 'log-files',
    property:
      'a data directory with a damaged file opens with what lies before the damage, or is refused with a named error',
    suiteRuns: 600,
    create: createLogFiles,
  },
  {
    name: 'broker',
    property:
      'whatever a client sends is answered or ends its connection, and others are served as before',
    suiteRuns: 600,
    create: createBroker,
  },
  {
    name: 'clients',
    property:
      'whatever a broker answers, every operation ends with a value or a KafkaError, and no record is made up',
    suiteRuns: 24,
    create: createClients,
  },
]

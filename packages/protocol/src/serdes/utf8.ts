import { bufferView } from '../bytes/buffer-view.js'
import { cannotSerialize, type SyncSerde } from './serde.js'

/** Strings in UTF-8, as Kafka's StringSerializer writes them; bytes that are none are read as U+FFFD. */
export const utf8: SyncSerde<string> = {
  serialize(data, context) {
    // The record's encoder writes strings as UTF-8 without a copy in between.
    if (typeof data === 'string') return data
    throw cannotSerialize(`it must be a string, not ${typeof data}`, context)
  },
  deserialize: (data) => bufferView(data).toString('utf8'),
}

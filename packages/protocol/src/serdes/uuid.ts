import { bufferView } from '../bytes/buffer-view.js'
import { cannotDeserialize, cannotSerialize, type SyncSerde } from './serde.js'

const form = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i

/** UUIDs as their 36 characters, which is how Kafka's UUIDSerializer writes them. */
export const uuid: SyncSerde<string> = {
  serialize(data, context) {
    if (typeof data === 'string' && form.test(data)) return data
    throw cannotSerialize(`${JSON.stringify(data)} is no UUID in its 36-character form`, context)
  },
  deserialize(bytes, context) {
    const text = bufferView(bytes).toString('latin1')
    if (form.test(text)) return text.toLowerCase()
    throw cannotDeserialize(
      `its ${bytes.length} bytes are no UUID in its 36-character form`,
      context,
    )
  },
}

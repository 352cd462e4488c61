import { ErrorCode } from '@ottla/protocol'
import { refusal } from '../errors.js'

/**
 * Refuses the empty name, which means a default where a resource has none.
 * @throws BrokerError INVALID_REQUEST with this text, which Kafka words differently for each resource and request.
 */
export const checkNamed = (name: string, text: string): void => {
  if (name === '') throw refusal(ErrorCode.INVALID_REQUEST, text)
}

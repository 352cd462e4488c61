import { SaslAuthenticate } from '@ottla/protocol'
import { handler } from '../server/handler.js'
import { outOfPlace } from '../server/sasl/authenticator.js'

/** Takes a token of the mechanism that SaslHandshake chose (KIP-152); out of place on a listener without SASL. */
export const saslAuthenticateHandler = handler(
  SaslAuthenticate,
  { min: 0, max: 2 },
  ({ broker, sasl }, { authBytes }) =>
    sasl?.authenticate(authBytes, broker.clock.now()) ?? outOfPlace,
)

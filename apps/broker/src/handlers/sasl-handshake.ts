import { ErrorCode, SaslHandshake, type SaslHandshakeResponseInput } from '@ottla/protocol'
import { handler } from '../server/handler.js'

/** Begins an authentication or a re-authentication (KIP-43, KIP-368); out of place on a listener without SASL. */
export const saslHandshakeHandler = handler(
  SaslHandshake,
  { min: 0, max: 1 },
  ({ broker, sasl, apiVersion }, { mechanism }): SaslHandshakeResponseInput =>
    sasl?.handshake(mechanism, apiVersion, broker.clock.now()) ?? {
      errorCode: ErrorCode.ILLEGAL_SASL_STATE,
      mechanisms: [],
    },
)

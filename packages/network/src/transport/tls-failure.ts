import { AuthenticationError, ConnectionError, type KafkaError } from '@ottla/protocol'

const tlsCode = 'OTTLA_CONNECTION_TLS'
const trustCode = 'OTTLA_AUTHENTICATION_TLS'

const trustAdvice: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its certificate is self-signed; put that certificate into the option tls.ca to trust it',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate comes from an unknown authority; put the certificate of that authority into the option tls.ca',
  UNABLE_TO_GET_ISSUER_CERT:
    'the authority of its certificate is unknown; put the certificate of that authority into the option tls.ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'the authority of its certificate is unknown; put the certificate of that authority into the option tls.ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the authority of its certificate is unknown; put the certificate of that authority into the option tls.ca',
  CERT_HAS_EXPIRED: 'its certificate has expired; renew it on the broker',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; check the clocks',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for another name; connect by that name, or name it in the option tls.servername',
}

/** Wherever OpenSSL finds no TLS record in what it reads. */
const notTls =
  /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL|RECORD_LAYER_FAILURE|UNEXPECTED_MESSAGE/

/** A peer that refuses our certificate, or the lack of one, says so by one of these alerts. */
const refusedCertificate =
  /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|NO_CERTIFICATE|UNSUPPORTED_CERTIFICATE)|CERTIFICATE_REQUIRED|ALERT_ACCESS_DENIED/

/** The error for a failure of TLS, saying which option to look at; undefined for any other failure. */
export const tlsFailure = (
  address: string,
  error: NodeJS.ErrnoException,
): KafkaError | undefined => {
  const { code = '', message } = error
  const fail = { node: address, cause: error }
  const trust = trustAdvice[code]
  if (trust !== undefined) {
    return new AuthenticationError(`${address} cannot be trusted: ${trust} (${message})`, {
      ...fail,
      code: trustCode,
    })
  }
  // EPROTO carries OpenSSL's reason in its text only, with blanks.
  const reason = code === 'EPROTO' ? message.toUpperCase().replaceAll(' ', '_') : code
  if (code !== 'EPROTO' && !/^ERR_(SSL|TLS)/.test(code)) return undefined
  if (refusedCertificate.test(reason)) {
    return new AuthenticationError(
      `${address} refuses this client's certificate, or asks for one; set the options tls.cert and tls.key to a pair it trusts (${message})`,
      { ...fail, code: trustCode },
    )
  }
  if (notTls.test(reason)) {
    return new ConnectionError(
      `${address} does not speak TLS; leave out the option tls, or take the port of an SSL listener (${message})`,
      { ...fail, code: tlsCode, retriable: false },
    )
  }
  return new ConnectionError(
    `TLS with ${address} failed: ${message}; check tls.minVersion, tls.maxVersion and tls.ciphers against the broker's`,
    { ...fail, code: tlsCode },
  )
}

/** The peer accepted the connection and hung up, or went silent, before TLS was agreed on. */
export const tlsHandshakeEnded = (address: string, why: string, cause?: Error): ConnectionError =>
  new ConnectionError(
    `${address} ${why} in the TLS handshake; if it does not speak TLS, leave out the option tls or take the port of an SSL listener`,
    { node: address, code: tlsCode, retriable: true, cause },
  )

/** What went wrong with a client that a TLS listener did not let in. */
export const tlsClientFailure = (client: string, error: NodeJS.ErrnoException): ConnectionError => {
  const { code = '', message } = error
  const why = notTls.test(code)
    ? 'it speaks plain text; it has to set its option tls, or use a PLAINTEXT listener'
    : /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN)/.test(code)
      ? 'it does not trust the certificate of this listener; it needs the authority in its option tls.ca'
      : message
  return new ConnectionError(`TLS handshake with ${client} failed: ${why}`, {
    node: client,
    code: tlsCode,
    cause: error,
  })
}

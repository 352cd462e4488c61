/** Text or bytes of a PEM file (not its path), or several of them. */
export type Pem = string | Uint8Array | readonly (string | Uint8Array)[]

/** What both ends may choose; each goes to `node:tls` as it is, where Node documents it. */
interface CommonTlsOptions {
  /** Certificates of the authorities to trust instead of the well-known ones, as PEM text. */
  readonly ca?: Pem | undefined
  /** Own certificate (with those between it and the authority), as PEM text. A client needs one for mutual TLS. */
  readonly cert?: Pem | undefined
  /** Private key of `cert`, as PEM text. */
  readonly key?: Pem | undefined
  /** Password of `key` or `pfx`. */
  readonly passphrase?: string | undefined
  /** Certificate and key together as PKCS #12. */
  readonly pfx?: string | Uint8Array | undefined
  /** Default `TLSv1.2`. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined
  /** In OpenSSL's notation. */
  readonly ciphers?: string | undefined
}

/** How a client speaks TLS. Every option may be left out: then well-known authorities are trusted. */
export interface TlsOptions extends CommonTlsOptions {
  /** The name the certificate must be for, also sent to the broker (SNI). Default: the host, unless it is an IP address. */
  readonly servername?: string | undefined
  /** False accepts any certificate: encrypted, but nobody knows by whom. Default true. */
  readonly rejectUnauthorized?: boolean | undefined
  /** Replaces the check that the certificate is for this host; returns what is wrong with it. */
  readonly checkServerIdentity?:
    | ((host: string, certificate: object) => Error | undefined)
    | undefined
}

/** How a listener speaks TLS. Needs `cert` and `key`, or `pfx`. */
export interface TlsServerOptions extends CommonTlsOptions {
  /** Ask clients for a certificate (mutual TLS). Default false. */
  readonly requestCert?: boolean | undefined
  /** With `requestCert`: refuse clients without a certificate that `ca` has signed. Default true. */
  readonly rejectUnauthorized?: boolean | undefined
}

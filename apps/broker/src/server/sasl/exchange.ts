/** What a server answers to a client's token. */
export type SaslStep =
  | { readonly kind: 'challenge'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'success'
      readonly bytes: Uint8Array
      /** Name of the user, without `User:`. */
      readonly user: string
      /** When the credential itself ends; undefined if never. */
      readonly expiresAtMs?: number | undefined
    }

/** The server's side of one mechanism, for one authentication. */
export interface SaslExchange {
  /**
   * Takes the client's next token.
   * @throws SaslRefusal with words meant for the client; anything else is told to it only as invalid credentials.
   */
  respond(token: Uint8Array, nowMs: number): SaslStep | Promise<SaslStep>
}

/** Authentication failed, and the client may know why. */
export class SaslRefusal extends Error {}

/** No bytes: most mechanisms end with them. */
export const nothing: Uint8Array = new Uint8Array(0)

import type { Api } from '@ottla/protocol'

/** Versions from `min` to `max`. */
export interface VersionBounds {
  readonly min: number
  readonly max: number
}

/** An API that this broker serves, and how far. */
export interface ServedApi {
  readonly api: Api
  /** What is accepted. */
  readonly versions: VersionBounds
  /** What ApiVersions says. */
  readonly advertised: VersionBounds
}

import { readFileSync } from 'node:fs'

/** What a fresh broker of a release answered to ApiVersions 4. */
export interface RecordedApiVersions {
  /** Release with its patch, such as `4.4.0`. */
  readonly version: string
  /** Key, lowest and highest version of every API, in the order of the answer. */
  readonly apis: readonly (readonly [key: number, lowest: number, highest: number])[]
  readonly supportedFeatures: readonly {
    readonly name: string
    readonly minVersion: number
    readonly maxVersion: number
  }[]
  readonly finalizedFeatures: readonly { readonly name: string; readonly level: number }[]
}

/** Where `record-api-versions.ts` keeps what it writes. */
export const recordedApiVersionsFolder = new URL('../recorded/', import.meta.url)

/** What was recorded of a release such as `4.4`. @throws the system's error when there is no such file */
export const readRecordedApiVersions = (release: string): RecordedApiVersions =>
  JSON.parse(
    readFileSync(new URL(`api-versions-${release}.json`, recordedApiVersionsFolder), 'utf8'),
  ) as RecordedApiVersions

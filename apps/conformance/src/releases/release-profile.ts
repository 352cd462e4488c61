/** What a broker of one release of Apache Kafka must advertise to clients. */
export interface ReleaseProfile {
  readonly release: string
  /** Lowest and highest version by the name of the API; APIs among brokers and controllers are left out. */
  readonly apis: Readonly<Record<string, readonly [min: number, max: number]>>
}

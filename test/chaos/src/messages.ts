/** What a writer is started with. */
export interface WriterOrder {
  readonly bootstrapServers: string
  readonly topic: string
  readonly name: string
  readonly keys: number
  readonly valueBytes: number
  readonly recordsPerSecond: number
}

/** What a writer tells, every second and at its end. */
export interface WriterReport {
  readonly kind: 'written'
  /** By key: how many of its numbers were acknowledged. */
  readonly acknowledged: readonly (readonly [key: string, count: number])[]
  readonly done: boolean
}

/** What a member is started with. */
export interface MemberOrder {
  readonly bootstrapServers: string
  readonly topic: string
  readonly groupId: string
  readonly name: string
}

/** What a member tells: the offsets it has finished with, and what it saw that must not be. */
export type MemberReport =
  | {
      readonly kind: 'finished'
      readonly partition: number
      readonly first: number
      readonly next: number
      readonly records: number
    }
  | { readonly kind: 'assigned' | 'revoked'; readonly partitions: readonly number[] }
  | { readonly kind: 'violation'; readonly text: string }

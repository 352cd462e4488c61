/** What the process of a fuzzer is asked to do. */
export type Work =
  | { readonly kind: 'batch'; readonly seed: number; readonly path?: string }
  | { readonly kind: 'replay'; readonly hex: string }
  | { readonly kind: 'close' }

/** An input that broke the property. */
export interface Finding {
  readonly what: string
  /** Of fast-check: `--seed SEED --path PATH` makes the same input. Absent for inputs of the corpus. */
  readonly seed?: number
  readonly path?: string
  /** The smallest input found. */
  readonly hex: string
}

/** What it answers. */
export interface Answer {
  readonly executions: number
  readonly finding?: Finding
  /** Runs in one batch, as the fuzzer has it. */
  readonly batchRuns: number
}

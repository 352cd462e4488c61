import type fc from 'fast-check'

/** One property that has to hold for any bytes. */
export interface Fuzzer {
  /** What is made and tried: a label (see `labelled`) and bytes, so that every input can be kept as hex. */
  readonly inputs: fc.Arbitrary<Uint8Array>
  /** Inputs made from one seed; state that a fuzzer keeps, such as a broker, lives at least so long. */
  readonly batchRuns: number
  /** Most bytes by which one run may make heap and buffers grow. */
  readonly maxGrowthBytes: number
  /** A run takes seconds: failing inputs are left as they are. */
  readonly isSlow?: boolean
  /** Tries one input. Throws when the property does not hold. */
  run(input: Uint8Array): void | Promise<void>
  /** Throws away what an input may have spoilt. Called after every run that failed. */
  reset?(): Promise<void>
  /** Lets go of everything: the process has to end by itself afterwards. */
  close?(): Promise<void>
}

/** How to make a fuzzer, and what is said about it. */
export interface FuzzerDefinition {
  readonly name: string
  /** What it holds to what, in a line. */
  readonly property: string
  /** Inputs in a run of the test suite: a few seconds. */
  readonly suiteRuns: number
  readonly create: () => Fuzzer | Promise<Fuzzer>
}

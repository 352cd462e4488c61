/** What came of a trial. */
export interface Verdict {
  readonly passed: boolean
  /** What was seen instead, where it did not pass. */
  readonly seen?: string
}

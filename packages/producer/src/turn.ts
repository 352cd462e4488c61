/**
 * The clocks as of one turn of the event loop; everything that happens in the turn shares the object. Handed on whole: a
 * number that is no small integer would be allocated anew for each call it is passed to.
 */
export interface Turn {
  /** Monotonic time. */
  readonly nowMs: number
  /** Wall clock in whole milliseconds: what records carry that name no timestamp. */
  readonly timestamp: number
}

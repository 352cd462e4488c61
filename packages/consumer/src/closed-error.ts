import { ClosedError } from '@ottla/protocol'

/** What calls get that a consumer's `close` interrupts, or that come after it. */
export const closedError = (): ClosedError =>
  new ClosedError('The consumer is closed; create a new one.')

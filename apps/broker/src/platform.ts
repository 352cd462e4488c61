/**
 * The outside world, in one place: the only file of the broker that names a real clock, real randomness, a real disk or
 * real sockets. Everything else gets them as arguments, so that a simulation can put its own in their place.
 */

export { diskStorage, memoryStorage, type Storage } from '@ottla/log'
export {
  type Clock,
  type Network,
  type Platform,
  type Random,
  systemPlatform,
  type Timer,
} from '@ottla/network'

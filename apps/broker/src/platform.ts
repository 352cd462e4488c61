/**
 * The outside world, in one place: the only file of the broker that names a real clock, real randomness, a real disk or
 * real sockets. Everything else gets them as arguments, so that a simulation can put its own in their place.
 */
import { readFileSync } from 'node:fs'

export { diskStorage, memoryStorage, type Storage } from '@ottla/log'
export {
  type Clock,
  type Network,
  type Platform,
  type Random,
  systemPlatform,
  type Timer,
} from '@ottla/network'

/** Reads a text file, such as a certificate. @throws the system's error. */
export const readText = (path: string): string => readFileSync(path, 'utf8')

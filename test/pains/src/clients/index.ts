import type { Client } from '../client.js'
import { kafkajs } from './kafkajs.js'
import { ottla } from './ottla.js'
import { platformatic } from './platformatic.js'

/** Everyone who is compared; ours first. */
export const clients: readonly Client[] = [ottla, kafkajs, platformatic]

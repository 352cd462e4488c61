import type { BrokerConfig } from './broker-config.js'

/** The elements of a comma-separated list. */
export const listOf = (text: string | null): string[] =>
  (text ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')

/** The value of a config for one listener: its own, else the general one. */
export const listenerText = (config: BrokerConfig, listener: string, name: string): string | null =>
  config.text(`listener.name.${listener.toLowerCase()}.${name}`) ?? config.text(name)

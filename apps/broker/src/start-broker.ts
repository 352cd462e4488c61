import type { Broker } from './broker.js'
import { RunningBroker } from './control/running-broker.js'
import { beginNode } from './node.js'
import { type BrokerOptions, resolveOptions } from './options.js'

/**
 * Starts a broker: a cluster of one, controller and broker in one node. It serves when the promise resolves: the first
 * Metadata answer names leaders.
 * @throws InvalidArgumentError for bad options or a directory of another cluster; ConnectionError when the address is
 * taken; the system's error when the directory cannot be used, InvalidArgumentError when another broker uses it.
 */
export const startBroker = async (options?: BrokerOptions): Promise<Broker> => {
  const broker = new RunningBroker(resolveOptions(options), beginNode)
  await broker.start()
  return broker
}

/** Tries once to reach a broker where there is none. */
import { Cluster } from '../src/cluster/cluster.js'
import { clientOptions } from '../src/options/client-options.js'

const cluster = new Cluster(
  clientOptions.resolve({
    bootstrapServers: '127.0.0.1:1',
    sasl: { mechanism: 'PLAIN', username: 'trucks', password: 'a password' },
  }),
)
await cluster.connect().catch(() => {})
await cluster.close()

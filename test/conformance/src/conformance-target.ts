import { setTimeout as delay } from 'node:timers/promises'
import {
  type Credentials,
  type Need,
  needs,
  type SaslListener,
  type Target,
} from '@ottla/conformance'
import type { KafkaTarget } from '@ottla-test/apache-kafka'

/** A process is gone a moment after its connections are. */
const EXIT_MS = 100

const allNeeds = Object.keys(needs) as Need[]

/** What the suite is told of a target that was started here: its listeners, users and what it provides. */
export function conformanceTarget(target: KafkaTarget): Target {
  const { release, provides, bootstrapServers } = target
  return {
    name: nameOf(target),
    address: firstOf(bootstrapServers),
    release,
    provides: allNeeds.filter((need) => (provides as readonly string[]).includes(need)),
    listeners: {
      sasl: saslListener(target, 'SASL_PLAINTEXT'),
      renewal: saslListener(target, 'RENEWAL'),
    },
    controls: {
      restart: () => target.restart(),
      revive: async () => {
        await delay(EXIT_MS)
        if (target.pids.length > 0) return false
        await target.restart()
        return true
      },
    },
  }
}

/** The name under which its known deviations are kept: all releases of Apache Kafka have none together. */
function nameOf({ name }: KafkaTarget): string {
  return name.startsWith('apache-kafka') ? 'apache-kafka' : name
}

const firstOf = (bootstrapServers: string) => bootstrapServers.split(',')[0] as string

function saslListener({ listeners, users }: KafkaTarget, name: string): SaslListener | undefined {
  const found = listeners[name]
  if (found === undefined) return undefined
  const known = users.map(({ username, password }): [string, Credentials] => {
    return [username, { username, password }]
  })
  return { address: firstOf(found.bootstrapServers), users: Object.fromEntries(known) }
}

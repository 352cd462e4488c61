import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type Credentials,
  type Need,
  needs,
  type SaslListener,
  type Target,
} from '@ottla/conformance'
import type { KafkaTarget } from '@ottla-test/apache-kafka'

/** A process is gone a moment after its connections are; one that takes longer is not taken for gone. */
const EXIT_TIMEOUT_MS = 5_000
const CONNECT_TIMEOUT_MS = 1_000
const PAUSE_MS = 20

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
      nodes: target.nodes && new Map(target.nodes.map((node) => [node.id, node])),
      revive: async () => {
        if (!(await hasFallen(target))) return false
        await target.restart()
        return true
      },
    },
  }
}

/** Whether a node has ended. Only where one takes no connections its process is waited for. */
async function hasFallen(target: KafkaTarget): Promise<boolean> {
  const nodes = target.bootstrapServers.split(',')
  const isShort = () => target.pids.length < nodes.length
  if (isShort()) return true
  const doors = await Promise.all(nodes.map(takesConnections))
  if (doors.every(Boolean)) return isShort()
  const end = performance.now() + EXIT_TIMEOUT_MS
  while (!isShort() && performance.now() < end) await delay(PAUSE_MS)
  return isShort()
}

async function takesConnections(address: string): Promise<boolean> {
  const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(address) ?? []
  const socket = connect({ host, port: Number(port) })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) })
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
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

import type { Broker } from '@ottla/broker'

/** A misconfigured client comes back several times a second; its line is worth reading once a minute. */
const repeatAfterMs = 60_000

/**
 * Prints to standard error what somebody should look at: connections that the broker ended, with the reason, and what
 * went wrong inside. Clients that come and go are no news.
 */
export function logProblems({ events }: Broker): void {
  const print = suppressRepeats(console.error)
  events.on('disconnection', ({ remoteAddress, reason, endedByBroker }) => {
    if (!endedByBroker || reason === undefined || reason === 'the broker is shutting down') return
    const host = remoteAddress.slice(0, remoteAddress.lastIndexOf(':'))
    print(`${host} ${reason}`, `connection from ${remoteAddress} ended: ${reason}`)
  })
  events.on('problem', ({ what, error }) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    print(`${what} ${text}`, `${what}: ${text}`)
  })
}

/** Prints connections, topics, leaders and groups to standard error, as they come and go. */
export function logEvents({ events, listeners, clusterId, nodeId }: Broker): void {
  const print = (line: string): void => console.error(line)
  print(`node ${nodeId} of cluster ${clusterId}`)
  for (const { name, protocol, bootstrapServers } of listeners) {
    print(`listener ${name} (${protocol}) for clients at ${bootstrapServers}`)
  }
  events.on('connection', ({ remoteAddress, listener }) =>
    print(`connection from ${remoteAddress} on ${listener}`),
  )
  events.on('disconnection', ({ remoteAddress, reason, endedByBroker }) => {
    if (!endedByBroker) print(`${remoteAddress} left${reason === undefined ? '' : `: ${reason}`}`)
  })
  events.on('topic', ({ topic, change }) => print(`topic ${topic} ${change}`))
  events.on('election', ({ topic, partition, leader, leaderEpoch }) =>
    print(`${topic}-${partition} led by ${leader} in epoch ${leaderEpoch}`),
  )
  events.on('group', ({ groupId, from, to, generationId, memberIds, reason }) =>
    print(
      `group ${groupId}: ${from} to ${to}, generation ${generationId}, ${memberIds.length} members: ${reason}`,
    ),
  )
}

type Print = (line: string) => void

/** Prints a line about the same thing once in a while, then with the number of those left out. */
function suppressRepeats(print: Print): (about: string, line: string) => void {
  const seen = new Map<string, { atMs: number; leftOut: number }>()
  return (about, line) => {
    const nowMs = Date.now()
    const last = seen.get(about)
    if (last !== undefined && nowMs - last.atMs < repeatAfterMs) {
      last.leftOut += 1
      return
    }
    // What has not come again for a while is forgotten, so that this cannot grow.
    for (const [each, { atMs }] of seen) if (nowMs - atMs >= repeatAfterMs) seen.delete(each)
    seen.set(about, { atMs: nowMs, leftOut: 0 })
    const { leftOut = 0 } = last ?? {}
    print(leftOut === 0 ? line : `${line} (and ${leftOut} times more)`)
  }
}

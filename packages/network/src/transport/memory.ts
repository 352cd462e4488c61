import { ConnectionError, TimeoutError } from '@ottla/protocol'
import { formatAddress } from '../options/addresses.js'
import type { Clock, Timer } from '../platform/clock.js'
import type { Random } from '../platform/random.js'
import { onAbort } from '../retry/on-abort.js'
import { MemoryPipe } from './memory-pipe.js'
import type {
  ConnectionHandler,
  ConnectOptions,
  FramedConnection,
  Listener,
  ListenOptions,
  Network,
} from './transport.js'

/** What a memory network is made of. */
export interface MemoryNetworkOptions {
  readonly clock: Clock
  readonly random: Random
  /** Least and greatest time a frame travels; each draws its own, order is kept. Default [0.1, 1]. */
  readonly latencyMs?: readonly [number, number]
}

/** A network inside the process, with the faults of a real one at the test's command. */
export interface MemoryNetwork extends Network {
  /** The network as seen from the machine called `name`; the network itself is the view of `localhost`. */
  host(name: string): Network
  /**
   * Stops all bytes between two machines: they arrive after healing, and so do attempts to connect.
   *
   * @returns the healing; idempotent.
   */
  partition(one: string, other: string): () => void
  /**
   * Resets the open connections of a machine, or all. Frames on their way are lost.
   *
   * @returns how many.
   */
  killConnections(host?: string): number
  /** Open connections, each counted once. */
  readonly openConnections: number
}

interface Binding {
  readonly machine: string
  readonly maxFrameBytes: number
  readonly accept: (connection: FramedConnection) => ConnectionHandler
}

const firstEphemeralPort = 32768
const anyHosts = new Set(['0.0.0.0', '::', ''])
const localHosts = new Set(['localhost', '127.0.0.1', '::1'])

/** Creates a network whose machines are names; a name is also the machine's address. */
export const createMemoryNetwork = (options: MemoryNetworkOptions): MemoryNetwork => {
  const { clock, random, latencyMs = [0.1, 1] } = options
  const bindings = new Map<string, Binding>()
  const pipes = new Set<MemoryPipe>()
  const cuts = new Map<string, number>()
  /** Attempts to connect that a partition holds up. */
  const waiting = new Set<() => void>()
  let nextPort = firstEphemeralPort

  const delayMs = (): number => latencyMs[0] + random.next() * (latencyMs[1] - latencyMs[0])
  const isCut = (one: string, other: string): boolean => cuts.has(cutKey(one, other))
  const machineOf = (host: string, from: string): string =>
    localHosts.has(host) || anyHosts.has(host) ? from : host

  const listen = async (
    machine: string,
    { host, port, maxFrameBytes }: ListenOptions,
    accept: Binding['accept'],
  ): Promise<Listener> => {
    const bound = machineOf(host, machine)
    const actualPort = port === 0 ? nextPort++ : port
    const key = formatAddress({ host: bound, port: actualPort })
    if (bindings.has(key)) {
      throw new ConnectionError(`cannot listen on ${key}: the port is taken`, {
        code: 'OTTLA_ADDRESS_IN_USE',
        retriable: false,
        node: key,
      })
    }
    const binding = { machine: bound, maxFrameBytes, accept }
    bindings.set(key, binding)
    return {
      host,
      port: actualPort,
      close: async () => {
        if (bindings.get(key) === binding) bindings.delete(key)
      },
    }
  }

  /** Opens both ends of a pipe once the listener has been found. */
  const open = (
    machine: string,
    key: string,
    binding: Binding,
    options: ConnectOptions,
    handler: ConnectionHandler,
  ): FramedConnection => {
    const local = formatAddress({ host: machine, port: nextPort++ })
    const pipe = new MemoryPipe({
      clock,
      delayMs,
      isCut: () => isCut(machine, binding.machine),
      machines: [machine, binding.machine],
      addresses: [local, key],
      maxFrameBytes: [options.maxFrameBytes, binding.maxFrameBytes],
      onEnd: () => pipes.delete(pipe),
    })
    pipes.add(pipe)
    pipe.client.start(handler)
    pipe.server.start(binding.accept(pipe.server))
    return pipe.client
  }

  const connect = (
    machine: string,
    options: ConnectOptions,
    handler: ConnectionHandler,
  ): Promise<FramedConnection> =>
    new Promise((resolve, reject) => {
      const { host, port, timeoutMs, signal } = options
      if (signal?.aborted) return reject(signal.reason)
      const target = machineOf(host, machine)
      const key = formatAddress({ host: target, port })
      const settle = (act: () => void): void => {
        timer.cancel()
        trip?.cancel()
        waiting.delete(depart)
        ignoreAbort()
        act()
      }
      const arrive = (): void => {
        const binding = bindings.get(key)
        settle(() =>
          binding === undefined
            ? reject(refused(formatAddress(options)))
            : resolve(open(machine, key, binding, options, handler)),
        )
      }
      // As TCP's first packet is sent again and again: an attempt outlives a short partition.
      let trip: Timer | undefined
      const depart = (): void => {
        if (isCut(machine, target)) waiting.add(depart)
        else trip ??= clock.setTimer(delayMs(), arrive)
      }
      const giveUp = (): void => settle(() => reject(noAnswer(formatAddress(options), timeoutMs)))
      const timer = clock.setTimer(timeoutMs, giveUp)
      const ignoreAbort = onAbort(signal, () => settle(() => reject(signal?.reason)))
      depart()
    })

  const host = (name: string): Network => ({
    connect: (options, handler) => connect(name, options, handler),
    listen: (options, accept) => listen(name, options, accept),
  })

  return {
    ...host('localhost'),
    host,
    partition(one, other) {
      const key = cutKey(one, other)
      cuts.set(key, (cuts.get(key) ?? 0) + 1)
      let healed = false
      return () => {
        if (healed) return
        healed = true
        const left = (cuts.get(key) ?? 1) - 1
        if (left > 0) return void cuts.set(key, left)
        cuts.delete(key)
        for (const pipe of pipes) pipe.wake()
        for (const attempt of [...waiting]) attempt()
      }
    },
    killConnections(machine) {
      const doomed = [...pipes].filter(
        (pipe) => machine === undefined || pipe.machines.includes(machine),
      )
      for (const pipe of doomed) pipe.reset()
      return doomed.length
    },
    get openConnections() {
      return pipes.size
    },
  }
}

const cutKey = (one: string, other: string): string => [one, other].sort().join(' | ')

const refused = (address: string): ConnectionError =>
  new ConnectionError(
    `cannot connect to ${address}: nothing listens there; check that the broker runs and that the port is right`,
    { node: address },
  )

const noAnswer = (address: string, timeoutMs: number): TimeoutError =>
  new TimeoutError(`no connection to ${address} within ${timeoutMs} ms`, {
    code: 'OTTLA_TIMEOUT_CONNECT',
    node: address,
  })

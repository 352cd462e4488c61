import type { Flight } from './flights.js'
import type { FinishedBatch } from './messages.js'

/** What the demo adds up for each airport. */
export interface OriginSums {
  count: number
  delay: number
  distance: number
}

/** One line of the final table: does this hold, and what was seen. */
export interface Finding {
  claim: string
  holds: boolean
  detail: string
}

/**
 * The books of the demo: what consumers finished, held at the end against the file.
 *
 * It takes nothing from the producer's side, so that a record lost, repeated, reordered or altered
 * anywhere between the file and the consumer shows.
 */
export class Ledger {
  readonly #flights: readonly Flight[]
  /** How often each row was finished (255 = that often or more). */
  readonly #seen: Uint8Array
  readonly #partitionOf: Int32Array
  readonly #offsetOf: Float64Array
  readonly #sums = new Map<string, OriginSums>()
  #records = 0
  #distinct = 0
  #foreign = 0

  constructor(flights: readonly Flight[]) {
    this.#flights = flights
    this.#seen = new Uint8Array(flights.length)
    this.#partitionOf = new Int32Array(flights.length).fill(-1)
    this.#offsetOf = new Float64Array(flights.length)
  }

  /** Records finished, repeats included. */
  get records(): number {
    return this.#records
  }

  /** Rows finished at least once. */
  get distinct(): number {
    return this.#distinct
  }

  /** Books a batch that a member has finished. */
  add({ partition, rows, offsets, origins, delays, distances }: FinishedBatch): void {
    this.#records += rows.length
    rows.forEach((row, index) => {
      if (row >= this.#flights.length) {
        this.#foreign++
        return
      }
      const seen = this.#seen[row] as number
      if (seen === 0) this.#distinct++
      this.#seen[row] = Math.min(seen + 1, 255)
      this.#partitionOf[row] = partition
      this.#offsetOf[row] = offsets[index] as number
      const origin = origins[index] as string
      const sums = this.#sums.get(origin) ?? { count: 0, delay: 0, distance: 0 }
      sums.count++
      sums.delay += delays[index] as number
      sums.distance += distances[index] as number
      this.#sums.set(origin, sums)
    })
  }

  /** Holds the books against the file. */
  prove(): Finding[] {
    return [
      this.#proveExactlyOnce(),
      this.#proveOrder(),
      this.#proveOnePartitionPerKey(),
      ...this.#proveSums(),
    ]
  }

  #proveExactlyOnce(): Finding {
    const missing = this.#seen.filter((times) => times === 0).length
    const repeated = this.#seen.filter((times) => times > 1).length
    return {
      claim: 'every row exactly once',
      holds: missing === 0 && repeated === 0 && this.#foreign === 0,
      detail: `${this.#distinct} of ${this.#flights.length} rows, ${missing} missing, ${repeated} repeated, ${this.#foreign} unknown`,
    }
  }

  /** Row numbers rise with offsets, key by key: a key's records are read in the order they were sent. */
  #proveOrder(): Finding {
    const last = new Map<string, number>()
    let broken = 0
    this.#flights.forEach(({ origin }, row) => {
      if (this.#seen[row] === 0) return
      const offset = this.#offsetOf[row] as number
      if (offset <= (last.get(origin) ?? -1)) broken++
      last.set(origin, offset)
    })
    return {
      claim: 'rising per key',
      holds: broken === 0,
      detail: `${last.size} keys, ${broken} records out of order`,
    }
  }

  #proveOnePartitionPerKey(): Finding {
    const partitions = new Map<string, Set<number>>()
    this.#flights.forEach(({ origin }, row) => {
      if (this.#seen[row] === 0) return
      const set = partitions.get(origin) ?? new Set()
      partitions.set(origin, set.add(this.#partitionOf[row] as number))
    })
    const split = [...partitions.values()].filter((set) => set.size > 1).length
    return {
      claim: 'one partition per key',
      holds: split === 0,
      detail: `${partitions.size} keys, ${split} on more than one partition`,
    }
  }

  #proveSums(): Finding[] {
    const expected = sumByOrigin(this.#flights)
    const origins = new Set([...expected.keys(), ...this.#sums.keys()])
    return (['count', 'delay', 'distance'] as const).map((column) => {
      const wrong = [...origins].filter(
        (origin) => this.#sums.get(origin)?.[column] !== expected.get(origin)?.[column],
      )
      const total = (sums: Map<string, OriginSums>) =>
        [...sums.values()].reduce((sum, entry) => sum + entry[column], 0)
      return {
        claim: column === 'count' ? 'count per origin' : `sum of ${column} per origin`,
        holds: wrong.length === 0,
        detail: `${origins.size} origins, ${wrong.length} differ; consumers ${total(this.#sums)}, file ${total(expected)}`,
      }
    })
  }
}

function sumByOrigin(flights: readonly Flight[]): Map<string, OriginSums> {
  const sums = new Map<string, OriginSums>()
  for (const { origin, delay, distance } of flights) {
    const entry = sums.get(origin) ?? { count: 0, delay: 0, distance: 0 }
    entry.count++
    entry.delay += delay
    entry.distance += distance
    sums.set(origin, entry)
  }
  return sums
}

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** One flight of the data set, as it goes over the wire (JSON), but for the date as text. */
export interface Flight {
  /** Departure, ISO 8601. */
  date: string
  /** Minutes late; negative when early. */
  delay: number
  /** Miles. */
  distance: number
  /** Airport codes. */
  origin: string
  destination: string
}

/** Rows of the whole file. */
export const flightRowsMax = 3_000_000

/**
 * Reads the first `count` rows of flights-3m.parquet of the npm package vega-datasets.
 *
 * @throws Error with code `OTTLA_DEMO_DATA` when the data set or its reader is not installed
 */
export async function readFlights(count: number): Promise<Flight[]> {
  const { hyparquet, compressors, file } = await loadReader()
  const rows = await hyparquet.parquetReadObjects({
    file: await hyparquet.asyncBufferFromFile(file),
    columns: ['date', 'delay', 'distance', 'origin', 'destination'],
    compressors,
    rowEnd: count,
  })
  return rows.map((row) => ({
    date: (row.date as Date).toISOString(),
    delay: Number(row.delay),
    distance: Number(row.distance),
    origin: row.origin as string,
    destination: row.destination as string,
  }))
}

async function loadReader() {
  try {
    const require = createRequire(import.meta.url)
    const [hyparquet, { compressors }] = await Promise.all([
      import('hyparquet'),
      import('hyparquet-compressors'),
    ])
    // The package's exports hide its data folder, which lies beside the entry's.
    const file = join(dirname(require.resolve('vega-datasets')), '../data/flights-3m.parquet')
    return { hyparquet, compressors, file }
  } catch (cause) {
    const error = new Error(
      'the demo needs its data set and a reader for it: npm install vega-datasets hyparquet hyparquet-compressors',
      { cause },
    )
    throw Object.assign(error, { code: 'OTTLA_DEMO_DATA' })
  }
}

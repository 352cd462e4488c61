import type { Compression, Job } from '../job.ts'

/** What a job is measured under. */
export type Setting = Pick<Job, 'valueBytes' | 'partitions' | 'compression' | 'acks'>

const axes = {
  valueBytes: [1000, 100, 10_000],
  partitions: [6, 1, 64],
  compression: ['none', 'lz4', 'zstd'],
  acks: [-1, 1],
} as const satisfies { [Name in keyof Setting]: readonly Setting[Name][] }

/** Where the quick mode measures: the first of each axis. */
export const centre: Setting = { valueBytes: 1000, partitions: 6, compression: 'none', acks: -1 }

/** The centre, and from it every other value of each axis, one axis at a time. Acks mean nothing to consumers. */
export function starOf(kind: 'produce' | 'consume'): Setting[] {
  const others = (Object.keys(axes) as (keyof Setting)[])
    .filter((name) => name !== 'acks' || kind === 'produce')
    .flatMap((name) => axes[name].slice(1).map((value) => ({ ...centre, [name]: value })))
  return [centre, ...others]
}

/** Every combination, the centre first. */
export function wholeOf(kind: 'produce' | 'consume'): Setting[] {
  return axes.valueBytes.flatMap((valueBytes) =>
    axes.partitions.flatMap((partitions) =>
      axes.compression.flatMap((compression) =>
        axes.acks
          .filter((acks) => acks === centre.acks || kind === 'produce')
          .map((acks) => ({ valueBytes, partitions, compression, acks })),
      ),
    ),
  )
}

const sizes: Readonly<Record<number, string>> = { 100: '100 B', 1000: '1 KB', 10000: '10 KB' }
const codecs: Readonly<Record<Compression, string>> = { none: 'none', lz4: 'lz4', zstd: 'zstd' }

/** The setting in words; consumers have no acks. */
export function settingName(kind: string, setting: Setting): string {
  const { valueBytes, partitions, compression, acks } = setting
  const parts = [sizes[valueBytes], `${partitions} p`, codecs[compression]]
  return [...parts, ...(kind === 'consume' ? [] : [acks === 1 ? 'acks 1' : 'acks all'])].join(', ')
}

/** A record as the foreign clients print it. */
export interface SeenRecord {
  partition: number
  offset: number
  key: string
  value: string
}

/** Lines of partition, offset, key and value with tabs between them. */
export function parseRecords(text: string): SeenRecord[] {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => {
    const [partition, offset, key = '', value = ''] = line.split('\t')
    return { partition: Number(partition), offset: Number(offset), key, value }
  })
}

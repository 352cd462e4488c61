import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool } from '@ottla-test/apache-kafka'

const TIMEOUT_MS = 120_000

/** Segment and index files of all partitions below these folders, sorted. */
export async function logFiles(dataDirs: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const dir of dataDirs) {
    for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
      if (!/^\d{20}\.(log|index|timeindex)$/.test(entry.name)) continue
      files.push(join(entry.parentPath, entry.name))
    }
  }
  return files.sort()
}

/** What Kafka's DumpLogSegments says of these files, line by line. */
export async function dumpLog(
  files: readonly string[],
  args: readonly string[],
): Promise<string[]> {
  const { stdout, stderr } = await runTool(
    'dump-log',
    undefined,
    ['--files', files.join(','), ...args],
    { timeoutMs: TIMEOUT_MS },
  )
  return [...stdout.split('\n'), ...stderr.split('\n')].filter((line) => line !== '')
}

/** Words with which DumpLogSegments reports that something is wrong, whatever file it is about. */
const COMPLAINT =
  /mismatch|non-consecutive|out of order|invalid|isvalid: false|corrupt|exception|error|could not|skipping/i

const NON_CONSECUTIVE = /^Non-consecutive offsets in .*?(\d{20})\.log$/

/**
 * The lines that report something wrong. One report is no fault: release 4.3.1 looks for the offset after -1 at the
 * beginning of every segment, so for each but the first it says that "-1 is followed by" the segment's base offset.
 */
export function complaints(lines: readonly string[]): string[] {
  return lines.filter((line, index) => {
    const baseOffset = NON_CONSECUTIVE.exec(line)?.[1]
    if (baseOffset === undefined) return COMPLAINT.test(line)
    const isWhole = !/ is followed by /.test(lines[index + 2] ?? '')
    return !isWhole || lines[index + 1]?.trim() !== `-1 is followed by ${Number(baseOffset)}`
  })
}

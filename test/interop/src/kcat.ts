import { parseRecords, type RunResult, run, type SeenRecord } from '@ottla-test/apache-kafka'

const TIMEOUT_MS = 30_000
/**
 * Keys hashed as Java does it. One request in flight: without idempotence a retry would change the order, and a
 * broker may refuse the first request to a topic that it has only just created.
 */
const DEFAULTS = ['partitioner=murmur2_random', 'max.in.flight=1']

/** Runs kcat against a broker. */
export function kcat(
  bootstrapServers: string,
  args: readonly string[],
  input?: string,
): Promise<RunResult> {
  return run('kcat', ['-b', bootstrapServers, ...args], {
    timeoutMs: TIMEOUT_MS,
    ...(input === undefined ? {} : { input }),
  })
}

/** Produces `key value` pairs; keys go to the partitions that Java's producer would choose. */
export async function kcatProduce(
  bootstrapServers: string,
  topic: string,
  pairs: readonly (readonly [key: string, value: string])[],
  settings: readonly string[] = [],
): Promise<void> {
  const input = pairs.map(([key, value]) => `${key}\t${value}\n`).join('')
  const options = [...DEFAULTS, ...settings].flatMap((one) => ['-X', one])
  await kcat(bootstrapServers, ['-P', '-t', topic, '-K', '\\t', ...options], input)
}

/** Reads a topic from its beginning to its end. */
export async function kcatConsume(bootstrapServers: string, topic: string): Promise<SeenRecord[]> {
  const format = ['-f', '%p\\t%o\\t%k\\t%s\\n']
  const args = ['-C', '-t', topic, '-o', 'beginning', '-e', '-q', ...format]
  return parseRecords((await kcat(bootstrapServers, args)).stdout)
}

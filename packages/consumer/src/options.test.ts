import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { resolveConsumerOptions } from './options.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

describe('the options in the README', () => {
  const options = resolveConsumerOptions({ bootstrapServers: 'localhost:9092' })
  const rows = readme.split('\n').filter((line) => line.startsWith('| `'))

  it.each(Object.entries(options))('name %s and its default', (name, value) => {
    const row = rows.find((line) => line.split(' | ')[0]?.includes(`\`${name}\``))
    expect(row).toBeDefined()
    if (typeof value === 'number' || typeof value === 'boolean')
      expect(row).toMatch(new RegExp(`\\b${value}\\b`))
    if (typeof value === 'string') expect(row).toContain(`'${value}'`)
  })
})

describe('names of other clients', () => {
  it.each([
    ['fromBeginning', 'autoOffsetReset'],
    ['autoCommit', 'enableAutoCommit'],
    ['sessionTimeout', 'sessionTimeoutMs'],
    ['rebalanceTimeout', 'maxPollIntervalMs'],
    ['maxBytesPerPartition', 'maxPartitionFetchBytes'],
    ['maxWaitTimeInMs', 'fetchMaxWaitMs'],
    ['partitionAssigners', 'partitionAssignors'],
    ['connectionTimeout', 'socketConnectionSetupTimeoutMs'],
    ['maxInFlightRequests', 'maxInFlightRequestsPerConnection'],
  ])('%s leads to %s', (name, ours) => {
    const options = { bootstrapServers: 'localhost:9092', [name]: 1 }
    expect(() => resolveConsumerOptions(options)).toThrow(`Did you mean ${ours}?`)
  })

  it('logLevel leads to where the logs are', () => {
    const options = { bootstrapServers: 'localhost:9092', logLevel: 4 }
    expect(() => resolveConsumerOptions(options)).toThrow('NODE_DEBUG=ottla')
  })
})

import { describe, expect, it } from 'vitest'
import { checkDynamicConfigs } from './dynamic-configs.js'

const check = (...names: string[]): void =>
  checkDynamicConfigs(new Map(names.map((name) => [name, '1'])))

describe('configs at run time', () => {
  it('are refused where Kafka reads them at start only, whether they have an effect here or not', () => {
    const text =
      'Cannot update these configs dynamically: [num.partitions, transaction.max.timeout.ms]'
    expect(() => check('max.connections', 'num.partitions', 'transaction.max.timeout.ms')).toThrow(
      expect.objectContaining({ text }),
    )
  })

  it('may have names that nobody knows, and those that change at run time in Kafka', () => {
    expect(() => check('plugin.setting', 'num.network.threads', 'max.connections')).not.toThrow()
  })
})

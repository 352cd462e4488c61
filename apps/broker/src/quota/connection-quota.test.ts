import { createVirtualClock } from '@ottla/network/simulation'
import { describe, expect, it } from 'vitest'
import { BrokerConfig } from '../config/broker-config.js'
import { type ClientQuota, quotaKey } from '../image/client-quotas.js'
import { emptyImage } from '../image/image.js'
import { ConnectionQuota } from './connection-quota.js'

describe('a quota of connections', () => {
  const quotaOf = (limits: ReadonlyMap<string | null, number>) => {
    const quotas = [...limits].map(([address, limit]): [string, ClientQuota] => {
      const entity = new Map([['ip', address]])
      return [quotaKey(entity), { entity, values: new Map([['connection_creation_rate', limit]]) }]
    })
    const image = { ...emptyImage, clientQuotas: new Map(quotas) }
    const clock = createVirtualClock()
    const config = new BrokerConfig()
    return { clock, quota: new ConnectionQuota({ config, clock, image: () => image }) }
  }
  const open = (quota: ConnectionQuota, host: string, count: number) =>
    Array.from({ length: count }, () => quota.record(host))

  it('lets ten seconds of connections in at once, and closes others within a second', async () => {
    const { clock, quota } = quotaOf(new Map([['10.0.0.7', 2]]))
    expect(open(quota, '10.0.0.7', 20)).toEqual(Array(20).fill(0))
    expect(open(quota, '10.0.0.7', 3)).toEqual([500, 500, 500])
    expect(open(quota, '10.0.0.8', 100)).toEqual(Array(100).fill(0))
    await clock.advance(11_000)
    expect(quota.record('10.0.0.7')).toBe(0)
  })

  it('is that of the address, else that of any address, each for itself', () => {
    const { quota } = quotaOf(new Map([['10.0.0.7', 2] as const, [null, 1] as const]))
    const accepted = (host: string) => open(quota, host, 30).filter((ms) => ms === 0).length
    expect(['10.0.0.7', '10.0.0.8', '10.0.0.9'].map(accepted)).toEqual([20, 10, 10])
  })
})

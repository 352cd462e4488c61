import { describe, expect, it } from 'vitest'
import { formatAddress, parseAddress } from './address.js'

describe('an address', () => {
  it('is split into what it was made of', () => {
    for (const host of ['127.0.0.1', 'broker.example', '::1', '2001:db8::7']) {
      expect(parseAddress(formatAddress({ host, port: 9092 }))).toEqual({ host, port: 9092 })
    }
  })

  it('has its IPv6 host in brackets', () => {
    expect(formatAddress({ host: '::1', port: 9092 })).toBe('[::1]:9092')
    expect(() => parseAddress('::1:9092')).toThrow("HOST:PORT, not '::1:9092'")
  })
})

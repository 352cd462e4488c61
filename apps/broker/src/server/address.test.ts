import { describe, expect, it } from 'vitest'
import { formatHostPort, hostOf, parseHostPort } from './address.js'

describe('an address', () => {
  it.each([
    ['10.0.0.7:9092', '10.0.0.7'],
    ['[::1]:9092', '::1'],
    ['broker.example:9092', 'broker.example'],
    // An IPv4 client of a listener for both is the same client as on one for IPv4.
    ['[::ffff:10.0.0.7]:9092', '10.0.0.7'],
    ['::ffff:10.0.0.7:9092', '10.0.0.7'],
    ['[::ffff:a00:7]:9092', '::ffff:a00:7'],
  ])('%s has the host %s', (address, host) => {
    expect(hostOf(address)).toBe(host)
  })

  it.each([
    { text: '10.0.0.7:9092', host: '10.0.0.7', port: 9092 },
    { text: '[::1]:0', host: '::1', port: 0 },
    { text: ':9092', host: '', port: 9092 },
  ])('$text is read, and written the same', ({ text, host, port }) => {
    expect(parseHostPort(text, 'listen')).toEqual({ host, port })
    expect(formatHostPort({ host, port })).toBe(text)
  })

  it.each(['', 'host', 'host:', 'host:65536', 'host:-1', 'a b:1'])('%j is refused', (text) => {
    expect(() => parseHostPort(text, 'listen')).toThrow(/listen must be host:port/)
  })
})

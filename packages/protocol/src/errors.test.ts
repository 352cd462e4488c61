import { describe, expect, it } from 'vitest'
import { BrokerError } from './broker-error.js'
import { ErrorCode, errorInfo, errorInfos } from './error-codes.js'
import {
  AuthenticationError,
  ClosedError,
  ConnectionError,
  FencedError,
  InvalidArgumentError,
  KafkaError,
  TimeoutError,
  UnsupportedCompressionError,
  UnsupportedVersionError,
  WireError,
} from './errors.js'

describe('the table of error codes', () => {
  it('has the 138 codes of Kafka 4.4 without a gap', () => {
    expect(errorInfos.map((info) => info.code)).toEqual(
      Array.from({ length: 138 }, (_, index) => index - 1),
    )
    expect(Object.keys(ErrorCode)).toHaveLength(138)
    expect(ErrorCode.UNKNOWN_SERVER_ERROR).toBe(-1)
    expect(ErrorCode.NOT_COORDINATOR).toBe(16)
    expect(ErrorCode.CONTROLLER_ID_NOT_REGISTERED).toBe(136)
  })

  it('says of each what to do', () => {
    for (const { text } of errorInfos) expect(text).toMatch(/^\S.{6,}[^.]$/)
    expect(errorInfo(16)).toMatchObject({ retriable: true, refresh: 'coordinator' })
    expect(errorInfo(6)).toMatchObject({ retriable: true, refresh: 'metadata' })
    expect(errorInfo(90)).toMatchObject({ retriable: false, fatal: true, kind: 'recoverable' })
    expect(errorInfo(29)).toMatchObject({ retriable: false, kind: 'authorization' })
    expect(errorInfos.filter((info) => info.retriable)).toHaveLength(32)
  })

  it('takes codes of newer versions as not retriable', () => {
    expect(errorInfo(4321)).toMatchObject({ name: 'UNKNOWN_ERROR_CODE_4321', retriable: false })
  })
})

describe('errors', () => {
  it('carry a stable code, a verdict and a name', () => {
    const made = [
      new ConnectionError('x'),
      new TimeoutError('x'),
      new AuthenticationError('x'),
      new UnsupportedVersionError('x'),
      new UnsupportedCompressionError('x'),
      new InvalidArgumentError('x'),
      new ClosedError('x'),
      new FencedError('x'),
      new WireError({ message: 'x' }),
      new BrokerError(3),
    ]
    expect(made.map((e) => [e.name, e.code, e.retriable, e.fatal])).toEqual([
      ['ConnectionError', 'OTTLA_CONNECTION', true, false],
      ['TimeoutError', 'OTTLA_TIMEOUT', true, false],
      ['AuthenticationError', 'OTTLA_AUTHENTICATION', false, true],
      ['UnsupportedVersionError', 'OTTLA_UNSUPPORTED_VERSION', false, false],
      ['UnsupportedCompressionError', 'OTTLA_UNSUPPORTED_COMPRESSION', false, false],
      ['InvalidArgumentError', 'OTTLA_INVALID_ARGUMENT', false, false],
      ['ClosedError', 'OTTLA_CLOSED', false, false],
      ['FencedError', 'OTTLA_FENCED', false, true],
      ['WireError', 'OTTLA_WIRE', false, false],
      ['BrokerError', 'OTTLA_BROKER_UNKNOWN_TOPIC_OR_PARTITION', true, false],
    ])
    for (const error of made) {
      expect(error).toBeInstanceOf(Error)
      expect(error).toBeInstanceOf(KafkaError)
    }
  })

  it('know their class, also from another copy of the package', () => {
    const foreign = Object.assign(new Error('from elsewhere'), {
      [Symbol.for('ottla.error.KafkaError')]: true,
      [Symbol.for('ottla.error.TimeoutError')]: true,
    })
    expect(foreign).toBeInstanceOf(TimeoutError)
    expect(KafkaError.from(foreign)).toBe(foreign)
    expect(foreign).not.toBeInstanceOf(ConnectionError)
    class RefusedError extends ConnectionError {}
    expect(new RefusedError('x')).toBeInstanceOf(RefusedError)
    expect(new RefusedError('x')).toBeInstanceOf(ConnectionError)
    expect(new ConnectionError('x')).not.toBeInstanceOf(RefusedError)
  })

  it('tell the place, and nothing that is not known', () => {
    const error = new BrokerError(6, {
      api: 'Produce',
      version: 11,
      node: 2,
      topic: 'flights',
      partition: 7,
      path: '/responses/0/partitionResponses/0',
      text: 'moved',
    })
    expect(error.message).toBe(
      'NOT_LEADER_OR_FOLLOWER [6] (Produce v11, node 2, flights-7): ' +
        'the partition has moved to another broker; retried there; the broker says: moved',
    )
    expect(error).toMatchObject({ errorCode: 6, errorName: 'NOT_LEADER_OR_FOLLOWER', partition: 7 })
    expect(Object.keys(new TimeoutError('x')).sort()).toEqual(['code', 'fatal', 'retriable'])
    const wire = new WireError({
      message: 'odd',
      messageName: 'FetchResponse',
      version: 4,
      offset: 9,
    })
    expect(wire.message).toBe('odd (FetchResponse v4, byte 9)')
    expect(wire.detail).toBe('odd')
  })

  it('wrap whatever was thrown', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const wrapped = KafkaError.from(refused)
    expect(wrapped).toBeInstanceOf(ConnectionError)
    expect(wrapped.cause).toBe(refused)
    expect(KafkaError.from(new DOMException('late', 'TimeoutError'))).toBeInstanceOf(TimeoutError)
    expect(KafkaError.from('text')).toMatchObject({ code: 'OTTLA_UNKNOWN', message: 'text' })
    expect(KafkaError.from(undefined)).toMatchObject({ code: 'OTTLA_UNKNOWN' })
  })
})

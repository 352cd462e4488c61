import { describe, expect, test } from 'vitest'
import { Writer } from './bytes/writer.js'
import { WireError } from './errors.js'
import {
  decodeRequestBody,
  decodeRequestHeader,
  decodeResponse,
  encodeRequest,
  encodeRequestFrame,
  encodeResponse,
  encodeResponseFrame,
  readCorrelationId,
  writeRequestFrame,
} from './frame.js'
import { headerVersions } from './header-versions.js'
import { ApiVersions } from './messages/api-versions.js'
import { ControlledShutdown } from './messages/controlled-shutdown.js'
import { Heartbeat } from './messages/heartbeat.js'
import { Produce } from './messages/produce.js'
import { apis } from './registry.js'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm' }
const fields = { correlationId: 7, clientId: 'me' }

describe('requests', () => {
  test('have header 1 before and 2 from the flexible version on, the client id never compact', () => {
    expect(hex(encodeRequest(Heartbeat, 0, fields, heartbeat))).toBe(
      '000c000000000007' + '00026d65' + '000167' + '00000001' + '00016d',
    )
    expect(hex(encodeRequest(Heartbeat, 4, fields, heartbeat))).toBe(
      '000c000400000007' + '00026d6500' + '0267' + '00000001' + '026d' + '0000',
    )
    const shutdown = encodeRequest(ControlledShutdown, 0, fields, { brokerId: 1 })
    expect(hex(shutdown)).toBe('000700000000000700000001')
  })

  test('are read back header first', () => {
    for (const version of [0, 4]) {
      const frame = encodeRequest(Heartbeat, version, { ...fields, clientId: null }, heartbeat)
      const { bodyOffset, ...header } = decodeRequestHeader(frame)
      expect(header).toEqual({ apiKey: 12, apiVersion: version, correlationId: 7, clientId: null })
      const body = decodeRequestBody(Heartbeat, version, frame, bodyOffset)
      expect(body).toEqual({ ...heartbeat, groupInstanceId: null })
      const longer = Buffer.concat([frame, Buffer.of(0, 0, 0)])
      expect(decodeRequestBody(Heartbeat, version, longer, bodyOffset)).toEqual(body)
    }
  })

  test('of unknown APIs have a readable header', () => {
    const frame = Buffer.from('7fff0003000000090001616200', 'hex')
    expect(() => decodeRequestHeader(frame.subarray(0, 5))).toThrow(WireError)
    expect(decodeRequestHeader(Buffer.from('7fff00030000000900016100', 'hex'))).toMatchObject({
      apiKey: 32767,
      correlationId: 9,
      clientId: 'a',
      bodyOffset: 12,
    })
  })

  test('with their size go out in parts without copying records', () => {
    const records = new Uint8Array(5000).fill(1)
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
    const body = { acks: -1, timeoutMs: 1000, topicData }
    const writer = new Writer({ referenceBytes: 1024 })
    writeRequestFrame(writer, Produce, 9, fields, body)
    expect(writer.parts()).toContain(records)
    const frame = encodeRequestFrame(Produce, 9, fields, body)
    expect(hex(Buffer.concat(writer.parts()))).toBe(hex(frame))
    expect(Buffer.from(frame).readInt32BE(0)).toBe(frame.length - 4)
  })
})

describe('responses', () => {
  test('are read by API and version', () => {
    for (const version of [0, 1, 4]) {
      const frame = encodeResponse(Heartbeat, version, 7, { errorCode: 27 })
      expect(readCorrelationId(frame)).toBe(7)
      expect(decodeResponse(Heartbeat, version, frame)).toEqual({
        correlationId: 7,
        body: { throttleTimeMs: 0, errorCode: 27 },
      })
    }
  })

  test('of ApiVersions keep the oldest header in flexible versions', () => {
    const frame = encodeResponseFrame(ApiVersions, 3, 7, { errorCode: 0, apiKeys: [] })
    expect(hex(frame)).toBe('0000000c' + '00000007' + '0000' + '01' + '00000000' + '00')
  })

  test('refuse bytes left over, with the place', () => {
    const frame = Buffer.concat([encodeResponse(Heartbeat, 4, 7, { errorCode: 0 }), Buffer.of(0)])
    expect(() => decodeResponse(Heartbeat, 4, frame)).toThrow(
      '1 bytes after the message (HeartbeatResponse v4, at /, byte 12)',
    )
  })
})

test('the table of flexible versions agrees with the schemas', () => {
  for (const api of apis) {
    for (let version = api.versions.min; version <= api.versions.max; version++) {
      expect(headerVersions(api.key, version), `${api.name} v${version}`).toEqual(
        api.headerVersions(version),
      )
    }
  }
})

/**
 * A small assembler: functions that give the binary form of WebAssembly instructions and modules
 * (https://webassembly.github.io/spec/core/binary). Operands come before their operation, so an expression is the
 * concatenation of its parts. The only type is int32; vectors of 128 bits live on the stack alone.
 */
export type Code = readonly number[]

const unsigned = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)]

const signed = (value: number): number[] =>
  value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)]

const sized = (bytes: Code): number[] => [...unsigned(bytes.length), ...bytes]
const list = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()]

const int32 = 0x7f
const noValue = 0x40
const end = 0x0b

/** The value of a parameter or local. */
export const get = (local: number): Code => [0x20, local]
export const set = (local: number, value: Code): Code => [...value, 0x21, local]
export const constant = (value: number): Code => [0x41, ...signed(value | 0)]

const binary =
  (operation: number) =>
  (left: Code, right: Code): Code => [...left, ...right, operation]
export const add = binary(0x6a)
export const subtract = binary(0x6b)
export const multiply = binary(0x6c)
export const and = binary(0x71)
export const xor = binary(0x73)
export const shiftLeft = binary(0x74)
export const shiftRight = binary(0x76)
/** Comparisons are of unsigned numbers. */
export const less = binary(0x49)
export const atLeast = binary(0x4f)

/** Memory is little-endian; addresses need no alignment; `offset` is added to the address at no cost. */
export const load8 = (address: Code): Code => [...address, 0x2d, 0, 0]
export const load32 = (address: Code, offset = 0): Code => [
  ...address,
  ...[0x28, 0],
  ...unsigned(offset),
]
export const store32 = (address: Code, value: Code): Code => [...address, ...value, 0x36, 0, 0]
export const copy = (to: Code, from: Code, bytes: Code): Code => [
  ...to,
  ...from,
  ...bytes,
  ...[0xfc, 10, 0, 0],
]

const vector = 0xfd
export const loadVector = (address: Code, offset = 0): Code => [
  ...address,
  ...[vector, 0, 0],
  ...unsigned(offset),
]
export const storeVector = (address: Code, value: Code, offset = 0): Code => [
  ...address,
  ...value,
  ...[vector, 0x0b, 0],
  ...unsigned(offset),
]
export const xorVectors = (left: Code, right: Code): Code => [...left, ...right, vector, 0x51]

export const when = (condition: Code, then: readonly Code[]): Code => [
  ...condition,
  ...[0x04, noValue],
  ...then.flat(),
  end,
]
/** Repeats the body while the condition holds, also before the first time. */
export const loop = (condition: Code, body: readonly Code[]): Code =>
  when(condition, [[0x03, noValue], ...body, condition, [0x0d, 0], [end]])

export interface WasmFunction {
  readonly name: string
  readonly parameters: number
  /** Whether the body leaves an int32. */
  readonly result: boolean
  /** Locals after the parameters. */
  readonly locals: number
  readonly body: readonly Code[]
}

const section = (id: number, items: readonly Code[]): Code => [id, ...sized(list(items))]

/** A module that exports its memory as `memory` and all functions by name; `start` runs when it is instantiated. */
export const wasmModule = (
  memoryBytes: number,
  start: WasmFunction,
  functions: readonly WasmFunction[],
): Uint8Array => {
  const text = (name: string) => sized([...Buffer.from(name)])
  const all = [...functions, start]
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      all.map(({ parameters, result }) => [
        0x60,
        ...list(Array.from({ length: parameters }, () => [int32])),
        ...list(result ? [[int32]] : []),
      ]),
    ),
    ...section(
      3,
      all.map((_, index) => [index]),
    ),
    ...section(5, [[0, ...unsigned(Math.ceil(memoryBytes / 65_536))]]),
    ...section(7, [
      [...text('memory'), 2, 0],
      ...functions.map(({ name }, index) => [...text(name), 0, index]),
    ]),
    ...[8, ...sized([functions.length])],
    ...section(
      10,
      all.map(({ locals, body }) => sized([...list([[locals, int32]]), ...body.flat(), end])),
    ),
  ])
}

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as wasm from './web-assembly.js'
import { type Code, constant, get, loop, set } from './web-assembly.js'

/**
 * The program of `crc32c` for long inputs, in WebAssembly, because JavaScript has no 128-bit registers. WebAssembly has no
 * carry-less multiplication, which checksums are usually folded with, so this folds with XOR alone.
 *
 * The bits of a message are the coefficients of a polynomial over GF(2), the first bit's the highest, and its CRC is the
 * remainder modulo P, the Castagnoli polynomial: adding multiples of P changes nothing. Multiples with few terms are
 *
 *     x^209 + x^144 + x^54 + x^39 + x^14 + 1    and    x^5275 + x^4508 + x^2751 + 1
 *
 * (the lowest with six terms and with four). By the second, a bit may be taken away where it is and added 767, 2524 and
 * 5275 bits later instead; so all bits of a long message can be driven into its last 5275. Squaring doubles exponents and
 * adds no terms, as (a + b)^2 = a^2 + b^2 over GF(2): the distances hold in units of 2, 4, 8 … bits too, and of bytes we can
 * move sixteen at once. With `d` the units of the message and `v` those after folding:
 *
 *     v[i] = d[i] ^ v[i - 767] ^ v[i - 2524] ^ v[i - 5275]
 *
 * Only in the last 5275 units the terms from within these are left out: nothing is taken away from there.
 */
interface Multiple {
  /** How many units later a unit is added; ascending. The last is what remains. */
  readonly distances: readonly number[]
  readonly unitBytes: number
  /** Messages of fewer bytes are not folded with it. */
  readonly fromBytes: number
}

/**
 * Each leaves less than the one before, for more work per byte: four loads, or six; and with units of one byte a vector needs
 * what was written just before, which is slow. The lower bounds are measured (`crc32c.bench.ts`).
 */
const sixTerms = [65, 155, 170, 195, 209]
const long: Multiple = { distances: [767, 2524, 5275], unitBytes: 1, fromBytes: 12_288 }
const middle: Multiple = { distances: sixTerms, unitBytes: 4, fromBytes: 1536 }
const short: Multiple = { distances: sixTerms, unitBytes: 1, fromBytes: 209 }

const vectorBytes = 16
/** Vectors in a turn of the main loop; fewer than the shortest distance. */
const unroll = 4
const turnBytes = unroll * vectorBytes

const remaining = ({ distances, unitBytes }: Multiple): number =>
  (distances.at(-1) ?? 0) * unitBytes

/** Sixteen tables of 256 int32: table k holds the effect of a byte that has k more bytes behind it. */
const tableCount = 16
const tableBytes = 1024

/** Large enough that a call costs nothing beside the work, small enough for the first-level cache. */
const blockBytes = 32_768

/**
 * The memory: tables, the message, and what each multiple leaves. Before each is room for as many zeros as folding looks
 * back, after each for a turn that goes too far; they start at cache lines.
 */
const after = (start: number, bytes: number, multiple: Multiple | undefined): number => {
  const zeros = multiple === undefined ? 0 : remaining(multiple)
  return Math.ceil((start + bytes + turnBytes + zeros) / 64) * 64
}
const message = after(0, tableCount * tableBytes, long)
const messageBytes = blockBytes + long.fromBytes
const afterLong = after(message, messageBytes, middle)
const afterMiddle = after(afterLong, remaining(long), short)
const afterShort = after(afterMiddle, remaining(middle), undefined)
const memoryBytes = after(afterShort, remaining(short), undefined)

/** Locals of both functions; the first two are parameters. */
const length = 0
const seed = 1
const from = 2
const end = 3
const at = 4
const to = 5
const word = 6
const crc = 7

/** The vector at `ahead` bytes after `at`, and what is added to it from the given distances before. */
const folded = (ahead: number, distances: readonly number[], unitBytes: number): Code =>
  distances.reduce(
    (sum, distance) => wasm.xorVectors(sum, wasm.loadVector(get(at), ahead - distance * unitBytes)),
    wasm.loadVector(get(at), ahead),
  )

const plus = (local: number, bytes: number): Code => wasm.add(get(local), constant(bytes))

/** Folds from `from` to `end`, whole turns, in place. Offsets cannot be negative, so `at` runs behind. */
const foldInPlace = (multiple: Multiple): Code[] => {
  const behind = remaining(multiple)
  const vectors = Array.from({ length: unroll }, (_, index) => {
    const ahead = behind + index * vectorBytes
    return wasm.storeVector(get(at), folded(ahead, multiple.distances, multiple.unitBytes), ahead)
  })
  return [
    set(at, plus(from, -behind)),
    set(from, get(end)),
    set(end, plus(end, -behind)),
    loop(wasm.less(get(at), get(end)), [...vectors, set(at, plus(at, turnBytes))]),
  ]
}

/**
 * Writes the bytes from `from` on to `target`: first what remains of this multiple, with all that is added to it, then fewer
 * than a turn that are left alone. A distance counts as long as it reaches back before `from`, so there is a stretch for each
 * number of distances; the last vector of a stretch may go too far, and the next stretch writes over it.
 */
const foldRest = (multiple: Multiple, target: number): Code[] => {
  const { distances, unitBytes } = multiple
  const behind = remaining(multiple)
  const stretches = distances.flatMap((distance, index) => [
    set(end, plus(from, distance * unitBytes - behind)),
    loop(wasm.less(get(at), get(end)), [
      wasm.storeVector(get(to), folded(behind, distances.slice(index), unitBytes)),
      set(at, plus(at, vectorBytes)),
      set(to, plus(to, vectorBytes)),
    ]),
    set(at, get(end)),
    set(to, constant(target + distance * unitBytes)),
  ])
  const untouched = Array.from({ length: unroll }, (_, index) => {
    const ahead = index * vectorBytes
    return wasm.storeVector(get(to), wasm.loadVector(get(at), behind + ahead), ahead)
  })
  return [
    set(at, plus(from, -behind)),
    set(to, constant(target)),
    ...stretches,
    ...untouched,
    set(from, constant(target)),
  ]
}

/** Leaves, of `length` bytes at `from`, fewer with the same CRC at `target`. */
const foldAll = (multiple: Multiple, target: number): Code[] => [
  set(at, wasm.and(plus(length, -remaining(multiple)), constant(-turnBytes))),
  set(length, wasm.subtract(get(length), get(at))),
  set(end, wasm.add(get(from), get(at))),
  ...foldInPlace(multiple),
  ...foldRest(multiple, target),
]

const foldWhenLong = (multiple: Multiple, target: number): Code =>
  wasm.when(wasm.atLeast(get(length), constant(multiple.fromBytes)), foldAll(multiple, target))

/** The effect of the byte of `word` above `shift` bits, with `behind` bytes behind it. */
const lookUp = (shift: number, behind: number): Code => {
  // An entry is four bytes wide, so this is the byte times 4.
  const scaled =
    shift === 0
      ? wasm.shiftLeft(get(word), constant(2))
      : wasm.shiftRight(get(word), constant(shift - 2))
  return wasm.load32(wasm.and(scaled, constant(0xff << 2)), behind * tableBytes)
}

/** The CRC of `length` bytes at `from` by tables, sixteen bytes a step. */
const byTables: Code[] = [
  set(crc, constant(0)),
  set(end, wasm.add(get(from), get(length))),
  set(at, plus(end, 1 - tableCount)),
  loop(wasm.less(get(from), get(at)), [
    set(word, wasm.xor(wasm.load32(get(from)), get(crc))),
    set(crc, constant(0)),
    ...Array.from({ length: tableCount }, (_, index) => {
      const next = index > 0 && index % 4 === 0
      const update = wasm.xor(get(crc), lookUp((index % 4) * 8, tableCount - 1 - index))
      return [...(next ? set(word, wasm.load32(get(from), index)) : []), ...set(crc, update)]
    }),
    set(from, plus(from, tableCount)),
  ]),
  loop(wasm.less(get(from), get(end)), [
    set(word, wasm.xor(get(crc), wasm.load8(get(from)))),
    set(crc, wasm.xor(wasm.shiftRight(get(crc), constant(8)), lookUp(0, 0))),
    set(from, plus(from, 1)),
  ]),
]

const castagnoli = 0x82f63b78

/** Fills the tables: the first bit by bit, each other from the one before it. */
const fillTables: Code[] = [
  loop(wasm.less(get(at), constant(tableBytes)), [
    set(crc, wasm.shiftRight(get(at), constant(2))),
    ...Array.from({ length: 8 }, () => {
      const odd = wasm.and(get(crc), constant(1))
      const half = wasm.shiftRight(get(crc), constant(1))
      return set(crc, wasm.xor(half, wasm.multiply(odd, constant(castagnoli))))
    }),
    wasm.store32(get(at), get(crc)),
    set(at, plus(at, 4)),
  ]),
  loop(wasm.less(get(at), constant(tableCount * tableBytes)), [
    set(word, wasm.load32(plus(at, -tableBytes))),
    wasm.store32(get(at), wasm.xor(wasm.shiftRight(get(word), constant(8)), lookUp(0, 0))),
    set(at, plus(at, 4)),
  ]),
]

/** The checksum before goes into the first four bytes; it is the inverse of what was returned, as CRC-32C has it. */
const begin: Code[] = [
  set(from, constant(message)),
  wasm.store32(get(from), wasm.xor(wasm.load32(get(from)), get(seed))),
]

/** Folds the message and puts what it owes to the bytes that follow before the place of the next. */
const fold: Code[] = [
  ...begin,
  set(end, wasm.add(get(from), get(length))),
  ...foldInPlace(long),
  wasm.copy(
    constant(message - remaining(long)),
    plus(from, -remaining(long)),
    constant(remaining(long)),
  ),
]

const finish: Code[] = [
  ...begin,
  foldWhenLong(long, afterLong),
  foldWhenLong(middle, afterMiddle),
  ...foldAll(short, afterShort),
  ...byTables,
  get(crc),
]

const inner = { parameters: 2, locals: 6 }

/** The module: `fold(length, seed)` for blocks with more behind them, `finish(length, seed)` for the last or only one. */
export const crc32cProgram = (): Uint8Array =>
  wasm.wasmModule(
    memoryBytes,
    { ...inner, name: 'start', parameters: 0, locals: 8, result: false, body: fillTables },
    [
      { ...inner, name: 'fold', result: false, body: fold },
      { ...inner, name: 'finish', result: true, body: finish },
    ],
  )

/** Text of `src/bytes/crc32c-program.ts`. */
export const crc32cProgramText = (): string => {
  const lines =
    Buffer.from(crc32cProgram())
      .toString('base64')
      .match(/.{1,92}/g) ?? []
  return `// Written by scripts/write-crc32c.ts, which says how it works.

/** Addresses and sizes in the memory of the module. */
export const crc32cLayout = {
  /** Where the message goes. */
  message: ${message},
  /** How many bytes before it \`fold\` leaves something in; they are 0 for the first block. */
  history: ${remaining(long)},
  /** What \`fold\` gets, each time. */
  blockBytes: ${blockBytes},
  /** \`finish\` gets at least this after \`fold\`, and at most a block more. */
  minBytesAfterFold: ${long.fromBytes},
  /** \`finish\` gets at least this. */
  minBytes: ${short.fromBytes},
} as const

/** The module in base64. */
export const crc32cProgram = (): string =>
  [
${lines.map((line) => `    '${line}',`).join('\n')}
  ].join('')
`
}

const path = fileURLToPath(new URL('../src/bytes/crc32c-program.ts', import.meta.url))

/** The text as it is. */
export const currentProgramText = (): string => readFileSync(path, 'utf8')

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(path, crc32cProgramText())

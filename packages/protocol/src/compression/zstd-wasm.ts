import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { UnsupportedCompressionError } from '../errors.js'
import { type WasmInstance, webAssembly } from '../web-assembly.js'
import type { ZstdEngine } from './zstd-engine.js'

/** The Emscripten module of @bokuweb/zstd-wasm, as far as it is used here. Sizes and addresses are uint32. */
interface ZstdModule {
  instantiateWasm?: (imports: object, done: (instance: WasmInstance) => void) => object
  init(source: Uint8Array): void
  readonly HEAPU8: Uint8Array
  _malloc(bytes: number): number
  _free(address: number): void
  _ZSTD_compressBound(bytes: number): number
  _ZSTD_compress(to: number, room: number, from: number, bytes: number, level: number): number
  _ZSTD_decompress(to: number, room: number, from: number, bytes: number): number
  _ZSTD_isError(result: number): number
}

/** ZSTD_error_dstSize_tooSmall; results carry error codes negated. */
const roomTooSmall = -70

/**
 * Loads zstd as WebAssembly. The package's own `init` is asynchronous, and its `decompress` trusts the frame for the size; so its
 * module is started through Emscripten's hook for that, which may be synchronous, and called directly.
 */
export const loadZstdWasm = (): ZstdEngine => {
  let zstd: ZstdModule
  try {
    zstd = startModule()
  } catch (cause) {
    throw new UnsupportedCompressionError(
      'zstd compression on this version of Node needs the package @bokuweb/zstd-wasm, which could not be loaded: ' +
        'install it, or use Node 22.15 or newer',
      { cause },
    )
  }
  return {
    compress: (bytes, level) => {
      const room = zstd._ZSTD_compressBound(bytes.length)
      return withMemory(zstd, bytes, room, (to, from) => {
        const size = zstd._ZSTD_compress(to, room, from, bytes.length, level)
        return checked(zstd, size)
      })
    },
    decompressFrame: (frame, maxBytes) => {
      let tooLarge = false
      const output = withMemory(zstd, frame, maxBytes, (to, from) => {
        const size = zstd._ZSTD_decompress(to, maxBytes, from, frame.length)
        tooLarge = (size | 0) === roomTooSmall
        return tooLarge ? 0 : checked(zstd, size)
      })
      return tooLarge ? undefined : output
    },
  }
}

const startModule = (): ZstdModule => {
  const require = createRequire(import.meta.url)
  const folder = dirname(require.resolve('@bokuweb/zstd-wasm'))
  const path = join(folder, 'zstd.js')
  // The module can be started once only, and others in this process may have done so: take a copy for ourselves.
  const shared = require.cache[path]
  delete require.cache[path]
  const { Module: zstd } = require(path) as { Module: ZstdModule }
  delete require.cache[path]
  if (shared !== undefined) require.cache[path] = shared
  zstd.instantiateWasm = (imports, done) => {
    const wasm = webAssembly()
    if (wasm === undefined) throw new Error('WebAssembly is switched off')
    const module = new wasm.Module(readFileSync(join(folder, 'zstd.wasm')))
    const instance = new wasm.Instance(module, imports)
    done(instance)
    return instance.exports
  }
  zstd.init(new Uint8Array(0))
  return zstd
}

/** Copies the input in, runs the call with room for its output, copies the output out, and frees both. */
const withMemory = (
  zstd: ZstdModule,
  input: Uint8Array,
  room: number,
  call: (to: number, from: number) => number,
): Uint8Array => {
  const from = zstd._malloc(input.length || 1)
  const to = zstd._malloc(room || 1)
  try {
    if (from === 0 || to === 0) throw new Error(`no memory for ${input.length + room} bytes`)
    zstd.HEAPU8.set(input, from)
    const size = call(to, from)
    return Buffer.from(zstd.HEAPU8.subarray(to, to + size))
  } finally {
    zstd._free(from)
    zstd._free(to)
  }
}

const checked = (zstd: ZstdModule, size: number): number => {
  if (zstd._ZSTD_isError(size)) throw new Error(`zstd says error ${-(size | 0)}`)
  return size
}

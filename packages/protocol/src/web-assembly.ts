/** A module that runs. */
export interface WasmInstance {
  readonly exports: object
}

/** The part of the global `WebAssembly` used here; TypeScript declares it for browsers only. */
export interface Wasm {
  readonly Module: new (source: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => WasmInstance
}

/** Node's `WebAssembly`; undefined where it is switched off (`--jitless`). */
export const webAssembly = (): Wasm | undefined =>
  Reflect.get(globalThis, 'WebAssembly') as Wasm | undefined

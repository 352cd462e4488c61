import { defineConfig } from 'tsup'

/**
 * One output file per module, so that bundlers drop what an application does not import. `src/testing` is for our own tests.
 * tsup writes JavaScript only; declarations come from tsc, which keeps one per module too.
 */
export default defineConfig({
  entry: [
    'src/**/*.ts',
    '!src/**/*.test.ts',
    '!src/**/*.test-d.ts',
    '!src/**/*.bench.ts',
    '!src/testing/**',
  ],
  format: 'esm',
  bundle: false,
  dts: false,
  clean: true,
  sourcemap: true,
  target: 'node20',
  removeNodeProtocol: false,
})

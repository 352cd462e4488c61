import { defineConfig } from 'tsup'
import base from '../../tsup.base.js'

/** `src/testing` is for our own tests. */
export default defineConfig({
  ...base,
  entry: ['src/**/*.ts', '!src/**/*.test.ts', '!src/**/*.bench.ts', '!src/testing/**'],
})

import { defineConfig } from 'vitest/config'

/** Tests run on the sources: this export condition of our packages points at src. */
const resolve = { conditions: ['@ottla/source', 'module', 'node', 'default'] }
const ssr = { resolve }

/** Packages without sockets or child processes: their files share one worker, which is five times faster. */
const pure = ['packages/protocol', 'packages/coordinator', 'packages/log']

const project = (name: string, include: string[], options: object = {}) => ({
  resolve,
  ssr,
  test: { name, include, testTimeout: 30_000, hookTimeout: 30_000, ...options },
})

export default defineConfig({
  test: {
    projects: [
      project(
        'unit',
        pure.map((folder) => `${folder}/src/**/*.test.ts`),
        { isolate: false },
      ),
      project('sockets', ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts'], {
        exclude: pure.map((folder) => `${folder}/**`),
      }),
      project('tidy', ['test/tidy/**/*.test.ts']),
      project('simulation', ['test/simulation/**/*.test.ts']),
      project('integration', ['test/integration/**/*.test.ts'], { testTimeout: 60_000 }),
      project(
        'apache-kafka',
        ['test/apache-kafka/**/*.test.ts', 'test/integration/**/*.kafka-test.ts'],
        {
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      ),
      project('bench', ['test/bench/src/**/*.test.ts']),
      project('interop', ['test/interop/**/*.test.ts'], {
        testTimeout: 180_000,
        hookTimeout: 180_000,
        fileParallelism: false,
      }),
      project('pains', ['test/pains/**/*.test.ts'], {
        testTimeout: 180_000,
        fileParallelism: false,
      }),
      project('chaos', ['test/chaos/**/*.test.ts'], {
        testTimeout: 900_000,
        hookTimeout: 180_000,
        fileParallelism: false,
      }),
      project('fuzz', ['test/fuzz/**/*.test.ts'], {
        testTimeout: 300_000,
        hookTimeout: 60_000,
        fileParallelism: false,
      }),
      project('packages', ['test/types/**/*.test.ts'], {
        testTimeout: 600_000,
        hookTimeout: 600_000,
        fileParallelism: false,
      }),
    ],
  },
})

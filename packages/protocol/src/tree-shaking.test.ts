import { build } from 'esbuild'
import { expect, test } from 'vitest'

/** What of this package ends up in a bundle of `code`: bytes by module, minified. */
async function bundled(code: string): Promise<Record<string, number>> {
  const result = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  })
  const [output] = Object.values(result.metafile.outputs)
  const kept = Object.entries(output?.inputs ?? {}).filter(
    ([, { bytesInOutput }]) => bytesInOutput > 0,
  )
  return Object.fromEntries(
    kept.map(([path, { bytesInOutput }]) => [path.replace(/^.*src\//, ''), bytesInOutput]),
  )
}

const sum = (sizes: Record<string, number>): number =>
  Object.values(sizes).reduce((total, size) => total + size, 0)

test('a bundle keeps the messages it uses, and of their file only what it uses', async () => {
  const one = await bundled(`
    import { HeartbeatRequest } from './index.js'
    console.log(HeartbeatRequest.at(4))`)
  expect(Object.keys(one).filter((path) => path.startsWith('messages/'))).toEqual([
    'messages/heartbeat.ts',
  ])
  expect(one['messages/heartbeat.ts']).toBeLessThan(400)
  expect(
    Object.keys(one).filter((path) => /^(log-records|records|compression|sasl)\//.test(path)),
  ).toEqual([])
  expect(sum(one)).toBeLessThan(20_000)
})

test('a bundle of frames does not keep the schemas, one of the registry keeps all', async () => {
  const frames = await bundled(`
    import { decodeRequestHeader } from './index.js'
    console.log(decodeRequestHeader)`)
  expect(Object.keys(frames).filter((path) => path.startsWith('messages/'))).toEqual([
    'messages/request-header.ts',
  ])
  const all = await bundled(`
    import { apis } from './registry.js'
    console.log(apis)`)
  expect(Object.keys(all).filter((path) => path.startsWith('messages/')).length).toBeGreaterThan(90)
})

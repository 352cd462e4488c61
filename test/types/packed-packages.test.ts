import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  installPacked,
  nodeBinary,
  packAll,
  publishedFolders,
  readmeExamples,
  run,
} from './src/packed.js'

/** The installs that must work: every supported Node, with and without prebuilt binaries. */
const installs = [
  { major: 20, flags: [] },
  { major: 22, flags: [] },
  { major: 24, flags: [] },
  { major: 20, flags: ['--omit=optional'] },
  { major: 24, flags: ['--omit=optional'] },
]

/** What a README says: the address its examples talk to. */
const documentedAddress = 'localhost:9092'

let tarballs: string[] = []

beforeAll(() => {
  tarballs = packAll()
})

/** Starts the installed command's broker: on the documented port when that is free. */
async function startInstalledBroker(node: string, project: string) {
  for (const listen of [documentedAddress, 'localhost:0']) {
    const ottla = join(project, 'node_modules/@ottla/cli/bin/ottla.js')
    const child = spawn(node, [ottla, 'broker', '--listen', listen], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const lines = createInterface({ input: child.stdout })
    const [first] = (await Promise.race([once(lines, 'line'), once(child, 'exit')])) as [unknown]
    if (typeof first === 'string' && first.startsWith('ready ')) {
      const port = first.slice(first.lastIndexOf(':') + 1)
      return { child, address: `localhost:${port}` }
    }
  }
  throw new Error('the installed broker did not start')
}

describe.each(installs)('installed by npm on Node $major $flags', ({ major, flags }) => {
  let node = ''
  let project = ''
  let broker: { child: ChildProcess; address: string }

  beforeAll(async () => {
    node = nodeBinary(major)
    project = installPacked(tarballs, node, flags)
    broker = await startInstalledBroker(node, project)
  })

  afterAll(async () => {
    const gone = once(broker.child, 'exit')
    broker.child.kill('SIGTERM')
    await gone
  })

  it('runs the node it says', () => {
    expect(run(node, ['-p', 'process.versions.node'], project)).toMatch(`${major}.`)
  })

  for (const folder of ['.', ...publishedFolders]) {
    readmeExamples(folder).forEach((example, index) => {
      it(`runs example ${index + 1} of ${folder}/README.md`, () => {
        const file = `example-${folder.replaceAll('/', '-')}-${index}.mjs`
        writeFileSync(join(project, file), example.replaceAll(documentedAddress, broker.address))
        run(node, ['--unhandled-rejections=strict', file], project)
      }, 60_000)
    })
  }

  it('judges the installed broker with the conformance suite', () => {
    const suite = 'node_modules/@ottla/conformance/bin/ottla-conformance.js'
    const options = ['--name', 'ottla', '--only', 'metadata.', '--versions', 'newest']
    const report = run(node, [suite, '--bootstrap', broker.address, ...options], project)
    expect(report.trimEnd()).toMatch(/\n[1-9]\d* passed, 0 failed, \d+ skipped$/)
  })

  it('answers ottla --help', () => {
    const help = run(node, ['node_modules/@ottla/cli/bin/ottla.js', '--help'], project)
    expect(help).toContain('broker')
  })
})

// Runs every suite, counts what was executed, and holds the counts against .ci/counts.json, so
// that a suite which silently lost its tests turns the run red.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'ottla-ci-'))
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const expectedCounts = JSON.parse(readFileSync(join(root, '.ci/counts.json'), 'utf8'))
const published = [
  'packages/protocol',
  'packages/network',
  'packages/producer',
  'packages/consumer',
  'packages/admin',
  'packages/coordinator',
  'packages/log',
  'packages/ottla',
  'apps/broker',
  'apps/cli',
  'apps/conformance',
]

/** suite -> { passed, failed, skipped, seconds } */
const results = new Map()

/** With `inOnePiece` its output appears when it ends, for what runs beside something else. */
async function sh(command, args, { env = {}, cwd = root, inOnePiece = false } = {}) {
  const started = Date.now()
  const child = spawn(command, args, {
    cwd,
    stdio: ['ignore', inOnePiece ? 'pipe' : 'inherit', inOnePiece ? 'pipe' : 'inherit'],
    env: { ...process.env, CI: 'true', TURBO_TELEMETRY_DISABLED: '1', ...env },
  })
  const output = []
  child.stdout?.on('data', (chunk) => output.push(chunk))
  child.stderr?.on('data', (chunk) => output.push(chunk))
  const status = await new Promise((resolve) => {
    child.once('error', () => resolve(-1))
    child.once('close', resolve)
  })
  process.stdout.write(Buffer.concat(output))
  return { ok: status === 0, seconds: (Date.now() - started) / 1000 }
}
const pnpm = (args, options) => sh('npx', ['-y', packageManager, ...args], options)

function add(suite, { passed = 0, failed = 0, skipped = 0, seconds = 0 }) {
  const sum = results.get(suite) ?? { passed: 0, failed: 0, skipped: 0, seconds: 0 }
  results.set(suite, {
    passed: sum.passed + passed,
    failed: sum.failed + failed,
    skipped: sum.skipped + skipped,
    seconds: sum.seconds + seconds,
  })
}

/** One command that either holds or does not. */
async function check(name, run) {
  console.log(`\n== ${name}`)
  const { ok, seconds } = await run()
  if (!ok) console.log(`FAILED: ${name}`)
  add('checks', { passed: ok ? 1 : 0, failed: ok ? 0 : 1, seconds })
}

/** Which suite of .ci/counts.json a test file belongs to. */
function suiteOf(file) {
  const path = relative(root, file)
  const [top, second] = path.split('/')
  return path.endsWith('.kafka-test.ts') ? 'kafka' : `${top === 'test' ? '' : `${top}/`}${second}`
}

/** Runs vitest (through `run`) with a JSON report and adds its counts suite by suite. */
async function vitest(name, run) {
  console.log(`\n== ${name}`)
  const report = join(scratch, `${name.replaceAll(/\W+/g, '-')}.json`)
  const { ok, seconds } = await run(report)
  if (!existsSync(report)) return add(name, { failed: 1, seconds })
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  let failures = 0
  for (const { name: file, status, assertionResults } of testResults) {
    const count = (wanted) => assertionResults.filter((test) => wanted.includes(test.status)).length
    const failedTests = count(['failed'])
    // A file that fails to load has no tests; it still is a failure.
    const failed = failedTests || (status === 'failed' ? 1 : 0)
    failures += failed
    const skipped = count(['skipped', 'pending', 'todo', 'disabled'])
    const spent = assertionResults.reduce((sum, test) => sum + (test.duration ?? 0), 0) / 1000
    add(suiteOf(file), { passed: count(['passed']), failed, skipped, seconds: spent })
  }
  // An unhandled rejection fails vitest without failing a test.
  if (!ok && failures === 0) add(name, { failed: 1 })
}
const projects = (names, report, options) =>
  pnpm(
    [
      'exec',
      'vitest',
      'run',
      ...names.flatMap((project) => ['--project', project]),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    options,
  )

async function installKcat() {
  if (spawnSync('kcat', ['-V']).status === 0) return
  console.log('\n== installing kcat')
  await sh('apt-get', ['-qq', 'update'])
  await sh('apt-get', ['-qq', 'install', '-y', 'kcat'])
}

await vitest('npm test', (report) => sh('npm', ['test'], { env: { OTTLA_TEST_REPORT: report } }))

await check('declarations (tsc)', () => pnpm(['build']))
await check('lint (biome)', () => pnpm(['lint']))
await check('types (tsc)', () => pnpm(['typecheck']))
await check('unused files, exports and dependencies (knip)', () => pnpm(['knip']))
for (const folder of published) {
  const cwd = join(root, folder)
  await check(`publint ${folder}`, () => pnpm(['exec', 'publint', '--strict'], { cwd }))
  await check(`attw ${folder}`, () =>
    pnpm(['exec', 'attw', '--pack', '.', '--profile', 'esm-only', '--quiet'], { cwd }),
  )
}

await installKcat()
await check('schemas against the newest Kafka', () => pnpm(['schema-check']))
await vitest('foreign clients and brokers', (report) =>
  projects(['apache-kafka', 'interop'], report),
)
await vitest('pains', (report) => projects(['pains'], report))
// Neither minds the other: one waits for installations, the other is to bear whatever happens.
await Promise.all([
  vitest('chaos', (report) => projects(['chaos'], report)),
  vitest('packed packages', (report) => projects(['packages'], report, { inOnePiece: true })),
])
await vitest('fuzz', (report) => projects(['fuzz'], report))
// Every kind of measurement once and small: its figures mean nothing, but what it verifies after each run holds.
await check('bench (small, without what has to be compiled first)', () =>
  pnpm([
    'bench',
    ...['--mode', 'quick', '--scale', '0.02'],
    ...['ottla', 'raw', 'kafkajs', 'platformatic', 'java'].flatMap((name) => ['--only', name]),
  ]),
)

rmSync(scratch, { recursive: true, force: true })
if (process.argv.includes('--update-counts')) {
  const counts = {}
  for (const [suite, { passed }] of [...results].sort()) counts[suite] = passed
  writeFileSync(join(root, '.ci/counts.json'), `${JSON.stringify(counts, null, 2)}\n`)
}

const total = { passed: 0, failed: 0, skipped: 0 }
console.log('\nsuite                          executed  failed  skipped  expected  seconds')
for (const suite of new Set([...Object.keys(expectedCounts), ...results.keys()])) {
  const result = results.get(suite) ?? { passed: 0, failed: 0, skipped: 0, seconds: 0 }
  const expected = expectedCounts[suite] ?? 0
  const executed = result.passed + result.failed
  const notes = []
  if (executed < expected) notes.push('FEWER THAN EXPECTED')
  if (result.skipped > 0) notes.push('SKIPPED IN CI')
  const cell = (value, width) => String(value).padStart(width)
  console.log(
    `${suite.padEnd(30)}${cell(executed, 9)}${cell(result.failed, 8)}${cell(result.skipped, 9)}` +
      `${cell(expected, 10)}${cell(result.seconds.toFixed(0), 9)}  ${notes.join(', ')}`,
  )
  total.passed += result.passed
  // A skip here is a missing tool or a forgotten test; both are failures.
  total.failed += result.failed + notes.length
  total.skipped += result.skipped
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = total.failed > 0 ? 1 : 0

/** Helpers for tests with vitest: a broker per file, fresh for each test, with a report where a test fails. */
import { afterAll, beforeEach, type TestAPI, test } from 'vitest'
import type { Broker } from './broker.js'
import { recordEvents } from './control/event-record.js'
import type { BrokerOptions } from './options.js'
import { startBroker } from './start-broker.js'

/** What `brokerTest` gives to its tests. */
export interface BrokerFixtures {
  /** How the broker is started; change it with `brokerTest.extend`. */
  readonly brokerOptions: BrokerOptions
  /** A broker that runs and is empty when the test begins. One per file: do not run its tests concurrently. */
  readonly broker: Broker
  /** The broker of the file as it is, for `beforeAll` and fixtures of a wider scope. */
  readonly fileBroker: Broker
}

/**
 * vitest's `test` with a broker: `brokerTest('…', async ({ broker }) => …)`. It is started when the first test of the file
 * asks for it, reset before each test (and restarted if a test left it stopped), and closed after the last. A test that
 * fails prints the broker's last requests and events.
 *
 * @example
 * const it = brokerTest.extend<{ brokerOptions: BrokerOptions }>({
 *   brokerOptions: [{ configs: { 'num.partitions': '3' } }, { scope: 'file' }],
 * })
 */
export const brokerTest: TestAPI<BrokerFixtures> = test.extend<BrokerFixtures>({
  brokerOptions: [{}, { scope: 'file' }],
  fileBroker: [
    async ({ brokerOptions }, use) => {
      const broker = await startBroker(brokerOptions)
      await use(broker)
      await broker.close()
    },
    { scope: 'file' },
  ],
  broker: async ({ fileBroker, onTestFailed }, use) => {
    await prepare(fileBroker, onTestFailed)
    await use(fileBroker)
  },
})

/**
 * Starts a broker for the tests of this file, or of the `describe` around: reset before each test, closed after the last,
 * with a report where a test fails. For files that keep to vitest's own `test`.
 *
 * @example const broker = await useBroker()
 * @throws what `startBroker` throws.
 */
export const useBroker = async (options?: BrokerOptions): Promise<Broker> => {
  const broker = await startBroker(options)
  beforeEach(({ onTestFailed }) => prepare(broker, onTestFailed))
  afterAll(() => broker.close())
  return broker
}

/** Makes the broker as good as new, and sees to the report. */
const prepare = async (
  broker: Broker,
  onTestFailed: (report: () => void) => void,
): Promise<void> => {
  if (!broker.isRunning) await broker.restart()
  await broker.reset()
  const events = recordEvents(broker.events)
  onTestFailed(() => {
    console.error(
      `The broker's last requests (time, connection, client, API, correlation id):\n${
        broker.requests.format() || 'none'
      }\nIts last events:\n${events() || 'none'}`,
    )
  })
}

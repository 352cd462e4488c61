import { expect, it } from 'vitest'
import { BrokerConfig } from './broker-config.js'
import { checkGroupConfigs, checkGroupDefaults } from './group-config.js'

const session = 'consumer.session.timeout.ms'
const heartbeat = 'consumer.heartbeat.interval.ms'

const check = (
  configs: Readonly<Record<string, string>>,
  broker: Readonly<Record<string, string>> = {},
): void => checkGroupConfigs(new Map(Object.entries(configs)), new BrokerConfig(broker))

const saying = (text: string) => expect.objectContaining({ text })

it('holds groups to the limits that the broker is given', () => {
  const text = `${session} must be in the range 45000 to 60000 inclusive.`
  expect(() => check({ [session]: '61000' })).toThrow(saying(text))
  const generous = { 'group.consumer.max.session.timeout.ms': '70000' }
  expect(() => check({ [session]: '61000' }, generous)).not.toThrow()
})

it('wants a session to be longer than a heartbeat, whichever of them is the broker’s', () => {
  const broker = { 'group.consumer.min.session.timeout.ms': '1' }
  const text = `${session} must be greater than ${heartbeat}`
  expect(() => check({ [session]: '5000' }, broker)).toThrow(saying(text))
  expect(() => check({ [session]: '5001' }, broker)).not.toThrow()
  expect(() => check({ [session]: '5001', [heartbeat]: '6000' }, broker)).toThrow(saying(text))
})

it.each([
  [{}, undefined],
  [
    { 'group.consumer.session.timeout.ms': '1000' },
    'group.consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms',
  ],
  [
    { 'group.streams.num.standby.replicas': '3' },
    'group.streams.num.standby.replicas must be less than or equal to group.streams.max.standby.replicas',
  ],
  [
    { 'group.share.session.timeout.ms': '5000', 'group.share.min.session.timeout.ms': '1' },
    'group.share.heartbeat.interval.ms must be less than group.share.session.timeout.ms',
  ],
])('checks what the broker is given for all groups: %j', (broker, message) => {
  const checked = () => checkGroupDefaults(new BrokerConfig(broker))
  if (message === undefined) expect(checked).not.toThrow()
  else expect(checked).toThrow(message)
})

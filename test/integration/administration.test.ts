import { type Broker, startBroker } from '@ottla/broker'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answersOf, dialogues } from './src/answers.js'
import { exchange } from './src/dialogue.js'

describe('our broker answers as Apache Kafka 4.4.0 does', () => {
  let broker: Broker

  beforeAll(async () => {
    broker = await startBroker()
  })
  afterAll(() => broker?.close())

  describe.each(Object.entries(dialogues))('%s', (name, dialogue) => {
    const answers = answersOf(name)

    test.each(dialogue)('$title', async (each) => {
      expect(await exchange(broker.bootstrapServers, each)).toEqual(answers[each.title])
    })
  })
})

import { type Broker, startBroker } from '@ottla/broker'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answersOf, dialogues, toldMembers } from './src/answers.js'
import { exchange } from './src/dialogue.js'
import { tellMembers } from './src/member-scenario.js'

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

  // After the dialogues: the topic, and in Kafka the coordinator, are there by now.
  test('members of a group hear the same, word for word', async () => {
    expect(await tellMembers(broker.bootstrapServers)).toEqual(toldMembers())
  })
})

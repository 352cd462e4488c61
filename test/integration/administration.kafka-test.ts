import { type ApacheKafka, requires, startApacheKafka } from '@ottla-test/apache-kafka'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { answersOf, dialogues, toldMembers } from './src/answers.js'
import { exchange } from './src/dialogue.js'
import { tellMembers } from './src/member-scenario.js'

/** Kafka answers before all of its parts know of a change: what does no more the second time may be asked again. */
const repeatable =
  /^(Describe|List|Metadata|OffsetFetch|OffsetCommit|OffsetForLeaderEpoch|FindCoordinator|DeleteRecords)/

describe.runIf(requires('java', 'maven'))('the recorded answers are those of Apache Kafka', () => {
  let kafka: ApacheKafka

  beforeAll(async () => {
    kafka = await startApacheKafka()
  })
  afterAll(() => kafka?.remove())

  describe.each(Object.entries(dialogues))('%s', (name, dialogue) => {
    const answers = answersOf(name)

    test.each(dialogue)('$title', async (each) => {
      const compare = async () =>
        expect(await exchange(kafka.bootstrapServers, each)).toEqual(answers[each.title])
      const isRepeatable = repeatable.test(each.api.name)
      await (isRepeatable ? vi.waitFor(compare, { timeout: 10_000, interval: 100 }) : compare())
    })
  })

  // After the dialogues: the topic, and in Kafka the coordinator, are there by now.
  test('members of a group hear the same, word for word', async () => {
    expect(await tellMembers(kafka.bootstrapServers)).toEqual(toldMembers())
  })
})

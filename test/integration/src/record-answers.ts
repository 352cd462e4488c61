import { writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { startApacheKafka } from '@ottla-test/apache-kafka'
import { answersFile, dialogues } from './answers.js'
import { exchange } from './dialogue.js'
import { tellMembers } from './member-scenario.js'

/** Kafka answers before all of its parts know of a change. */
const SPREAD_MS = 400

/** Writes `answers/*.json`: what Apache Kafka 4.4.0 answers. */
const kafka = await startApacheKafka()
for (const [name, dialogue] of Object.entries(dialogues)) {
  const answers: Record<string, unknown> = {}
  for (const each of dialogue) {
    answers[each.title] = await exchange(kafka.bootstrapServers, each)
    await delay(SPREAD_MS)
  }
  await writeFile(answersFile(name), `${JSON.stringify(answers, null, 2)}\n`)
}
const told = await tellMembers(kafka.bootstrapServers)
await writeFile(answersFile('members'), `${JSON.stringify(told, null, 2)}\n`)
await kafka.remove()

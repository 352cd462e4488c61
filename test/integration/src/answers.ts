import { readFileSync } from 'node:fs'
import { configDialogue } from './config-dialogue.js'
import { deadlineDialogue } from './deadline-dialogue.js'
import type { Exchange } from './dialogue.js'
import { groupDialogue } from './group-dialogue.js'
import type { Told } from './member-scenario.js'
import { resourceConfigDialogue } from './resource-config-dialogue.js'
import { topicDialogue } from './topic-dialogue.js'

/** Every dialogue, by the name of the file of its answers. */
export const dialogues: Readonly<Record<string, readonly Exchange[]>> = {
  topics: topicDialogue,
  configs: configDialogue,
  groups: groupDialogue,
  resources: resourceConfigDialogue,
  deadlines: deadlineDialogue,
}

/** Where the answers of a dialogue are kept. */
export const answersFile = (name: string): URL =>
  new URL(`../answers/${name}.json`, import.meta.url)

/** What Apache Kafka 4.4.0 has answered, by the title of the exchange. */
export const answersOf = (name: string): Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(answersFile(name), 'utf8')) as Record<string, unknown>

/** What Apache Kafka 4.4.0 has told the members of a group, in order. */
export const toldMembers = (): readonly Told[] =>
  JSON.parse(readFileSync(answersFile('members'), 'utf8')) as Told[]

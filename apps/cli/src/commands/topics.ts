import { Command } from 'commander'
import { addConnectionOptions, type ConnectionFlags } from './connection.js'
import { keyValue, wholeNumber } from './options.js'
import { printResults, withAdmin } from './with-admin.js'

interface CreateFlags extends ConnectionFlags {
  partitions?: number
  replicationFactor?: number
  config?: Record<string, string>
}

/** `ottla topics list | create | describe | delete`. */
export function topicsCommand(): Command {
  const topics = new Command('topics').description('list, create, describe and delete topics')
  topics
    .command('list')
    .description('the names of all topics')
    .option('--internal', 'internal topics too', false)
    .action(listTopics)
  topics
    .command('create')
    .argument('<name...>')
    .description('create topics')
    .option('-p, --partitions <count>', 'partitions of each', wholeNumber(1))
    .option('-r, --replication-factor <count>', 'replicas of each partition', wholeNumber(1))
    .option('-c, --config <key=value>', 'a topic config; repeatable', keyValue)
    .action(createTopics)
  topics
    .command('describe')
    .argument('[name...]')
    .description('partitions, leaders and replicas; of all topics when none is named')
    .action(describeTopics)
  topics
    .command('delete')
    .argument('<name...>')
    .description('delete topics with all their records')
    .action(deleteTopics)
  for (const command of topics.commands) addConnectionOptions(command)
  return topics.addHelpText(
    'after',
    `
Examples:
  ottla topics create orders --partitions 6 --config retention.ms=3600000
  ottla topics describe orders
  ottla topics list --bootstrap-server broker-1:9092,broker-2:9092`,
  )
}

async function listTopics(flags: ConnectionFlags & { internal: boolean }): Promise<void> {
  const topics = await withAdmin(flags, (admin) => admin.listTopics())
  const shown = topics.filter(({ isInternal }) => flags.internal || !isInternal)
  for (const name of shown.map((topic) => topic.name).sort()) console.log(name)
}

async function createTopics(names: string[], flags: CreateFlags): Promise<void> {
  const topics = names.map((name) => ({
    name,
    ...(flags.partitions === undefined ? {} : { partitions: flags.partitions }),
    ...(flags.replicationFactor === undefined
      ? {}
      : { replicationFactor: flags.replicationFactor }),
    ...(flags.config === undefined ? {} : { configs: flags.config }),
  }))
  printResults('created', await withAdmin(flags, (admin) => admin.createTopics(topics)))
}

async function deleteTopics(names: string[], flags: ConnectionFlags): Promise<void> {
  printResults('deleted', await withAdmin(flags, (admin) => admin.deleteTopics(names)))
}

async function describeTopics(names: string[], flags: ConnectionFlags): Promise<void> {
  const results = await withAdmin(flags, async (admin) => {
    const wanted = names.length > 0 ? names : (await admin.listTopics()).map(({ name }) => name)
    return admin.describeTopics(wanted)
  })
  for (const result of results) {
    if (result.error) {
      printResults('', [result])
      continue
    }
    console.log(`${result.name}  id ${result.topicId}  ${result.partitions.length} partitions`)
    for (const { partition, leader, leaderEpoch, replicas, isr } of result.partitions) {
      console.log(
        `  ${partition}  leader ${leader}  epoch ${leaderEpoch}  replicas ${replicas.join(',')}  isr ${isr.join(',')}`,
      )
    }
  }
}

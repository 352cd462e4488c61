import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { brokerCommand } from './commands/broker.js'
import { consumeCommand } from './commands/consume.js'
import { demoCommand } from './commands/demo.js'
import { groupsCommand } from './commands/groups.js'
import { produceCommand } from './commands/produce.js'
import { topicsCommand } from './commands/topics.js'

/** The `ottla` command with all its subcommands; `parseAsync(argv)` runs one. */
export function createProgram(): Command {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  return new Command('ottla')
    .description('Kafka for TypeScript: a broker for tests, and the everyday commands')
    .version(version)
    .showHelpAfterError('(ottla --help shows what there is)')
    .addCommand(brokerCommand())
    .addCommand(topicsCommand())
    .addCommand(groupsCommand())
    .addCommand(produceCommand())
    .addCommand(consumeCommand())
    .addCommand(demoCommand())
}

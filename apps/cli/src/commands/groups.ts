import type { Admin, GroupDescription, GroupOffset } from '@ottla/admin'
import { Command } from 'commander'
import { addConnectionOptions, type ConnectionFlags } from './connection.js'
import { printResults, withAdmin } from './with-admin.js'

/** `ottla groups list | describe | delete`. */
export function groupsCommand(): Command {
  const groups = new Command('groups').description('list, describe and delete consumer groups')
  groups.command('list').description('the ids of all groups, with their state').action(listGroups)
  groups
    .command('describe')
    .argument('<group...>')
    .description('members, committed offsets, and how far these are behind')
    .action(describeGroups)
  groups
    .command('delete')
    .argument('<group...>')
    .description('delete groups that have no members, with their offsets')
    .action(deleteGroups)
  for (const command of groups.commands) addConnectionOptions(command)
  return groups.addHelpText(
    'after',
    `
Examples:
  ottla groups list
  ottla groups describe billing`,
  )
}

async function listGroups(flags: ConnectionFlags): Promise<void> {
  const groups = await withAdmin(flags, (admin) => admin.listGroups())
  const lines = groups.map(({ groupId, state = '' }) => `${groupId}  ${state}`.trimEnd())
  for (const line of lines.sort()) console.log(line)
}

async function deleteGroups(groupIds: string[], flags: ConnectionFlags): Promise<void> {
  const results = await withAdmin(flags, (admin) => admin.deleteGroups(groupIds))
  printResults(
    'deleted',
    results.map(({ groupId: name, error }) => ({ name, error })),
  )
}

async function describeGroups(groupIds: string[], flags: ConnectionFlags): Promise<void> {
  await withAdmin(flags, async (admin) => {
    for (const group of await admin.describeGroups(groupIds)) {
      const { groupId: name, error } = group
      if (error !== undefined) printResults('', [{ name, error }])
      else await printGroup(admin, group)
    }
  })
}

async function printGroup(admin: Admin, group: GroupDescription): Promise<void> {
  const { groupId, state, assignor, members } = group
  console.log(`${groupId}  ${[state, assignor].filter(Boolean).join('  ')}`)
  for (const { memberId, clientHost, assignment } of members) {
    const places = assignment.map(({ topic, partitions }) => `${topic}-${partitions.join(',')}`)
    console.log(`  member ${memberId} at ${clientHost}  ${places.join(' ')}`.trimEnd())
  }
  const [committed] = await admin.listGroupOffsets([groupId])
  if (committed?.error !== undefined) printResults('', [{ name: groupId, error: committed.error }])
  const offsets = committed?.offsets ?? []
  if (offsets.length > 0) await printLag(admin, offsets)
}

/** The end of a partition may be out of reach, as when its topic is gone. */
async function printLag(admin: Admin, offsets: readonly GroupOffset[]): Promise<void> {
  const places = offsets.map(({ topic, partition }) => ({ topic, partition }))
  const ends = await admin.listOffsets(places)
  for (const { topic, partition, offset } of offsets) {
    const end = ends.find((one) => one.topic === topic && one.partition === partition)
    const isKnown = end !== undefined && end.error === undefined
    const behind = isKnown
      ? `end ${end.offset}  lag ${end.offset - offset}`
      : `end unknown: ${end?.error?.message ?? 'the topic is gone'}`
    console.log(`  ${topic}-${partition}  committed ${offset}  ${behind}`)
  }
}

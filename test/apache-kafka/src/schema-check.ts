import { messageTypes } from '@ottla/protocol/registry'
import { compareSchemas } from './compare-schemas.js'
import { brokerJars, LAST_3_RELEASE, newestSchemaJars } from './jar-sets.js'
import { countPairs, joinReleases } from './pairs.js'
import { requires } from './requires.js'
import { readSchemas } from './schemas.js'

/** Compares our schemas with those of the newest release; prints every difference and returns how many there are. */
async function checkSchemas(): Promise<number> {
  const newest = await newestSchemaJars()
  const last3 = await brokerJars(LAST_3_RELEASE)
  const { current, dropped } = joinReleases(await readSchemas(newest), await readSchemas(last3))
  const differences = compareSchemas(messageTypes(), [...current, ...dropped])
  for (const difference of differences) console.log(difference)
  const names = newest.files.filter((file) => file.startsWith('kafka-clients-'))
  console.log(
    `${differences.length} differences from ${names.join(', ')}: ` +
      `${countPairs(current)} (message, version) pairs, and ${countPairs(dropped)} of ${LAST_3_RELEASE}`,
  )
  return differences.length
}

if (requires('java', 'maven')) process.exitCode = (await checkSchemas()) === 0 ? 0 : 1

import { type KafkaRelease, startBroker } from '@ottla/broker'
import { ApiVersions } from '@ottla/protocol'
import { readRecordedApiVersions, request } from '@ottla-test/apache-kafka'
import { expect, test } from 'vitest'

/** Features that our broker does not have, with the APIs that they are about. */
const absentFeatures = [
  'eligible.leader.replicas.version',
  'group.version',
  'kraft.version',
  'share.version',
  'streams.version',
  'transaction.version',
]

const releases: readonly KafkaRelease[] = ['3.9', '4.0', '4.1', '4.2', '4.3', '4.4']

test.each(releases)('a broker of release %s has what Apache Kafka %s has', async (release) => {
  await using broker = await startBroker({ release })
  const software = { clientSoftwareName: 'ottla', clientSoftwareVersion: '1' }
  const ours = await request(broker.bootstrapServers, ApiVersions, 4, software)
  const recorded = readRecordedApiVersions(release)
  const isPresent = ({ name }: { readonly name: string }) => !absentFeatures.includes(name)
  const served = new Set(ours.apiKeys.map(({ apiKey }) => apiKey))
  const versionsOf = (api: (typeof ours.apiKeys)[number]) => ({
    apiKey: api.apiKey,
    // Our handlers begin where those of 4.0 do, which dropped the oldest versions (KIP-896).
    ...(release !== '3.9' && { minVersion: api.minVersion }),
    maxVersion: api.maxVersion,
  })
  const theirs = recorded.apis.map(([apiKey, minVersion, maxVersion]) =>
    versionsOf({ apiKey, minVersion, maxVersion }),
  )
  expect(ours.apiKeys.map(versionsOf)).toEqual(theirs.filter(({ apiKey }) => served.has(apiKey)))
  expect(ours.supportedFeatures).toEqual(recorded.supportedFeatures.filter(isPresent))
  expect(
    ours.finalizedFeatures.map(({ name, maxVersionLevel: level }) => ({ name, level })),
  ).toEqual(recorded.finalizedFeatures.filter(isPresent))
})

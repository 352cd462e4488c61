import { mkdir, writeFile } from 'node:fs/promises'
import { ApiVersions } from '@ottla/protocol'
import { startApacheKafka } from './apache-kafka.js'
import { type RecordedApiVersions, recordedApiVersionsFolder } from './recorded-api-versions.js'
import { request } from './request.js'

/** The newest patch of every minor release that our broker can show itself as. */
const VERSIONS = ['3.9.2', '4.0.2', '4.1.2', '4.2.2', '4.3.1', '4.4.0']

/** Writes down what a fresh broker of a release answers. */
const record = async (version: string): Promise<void> => {
  const kafka = await startApacheKafka({ version })
  try {
    const software = { clientSoftwareName: 'ottla', clientSoftwareVersion: '1' }
    const answer = await request(kafka.bootstrapServers, ApiVersions, 4, software)
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
    const recorded: RecordedApiVersions = {
      version,
      apis: answer.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [
        apiKey,
        minVersion,
        maxVersion,
      ]),
      supportedFeatures: answer.supportedFeatures
        .map(({ name, minVersion, maxVersion }) => ({ name, minVersion, maxVersion }))
        .sort(byName),
      finalizedFeatures: answer.finalizedFeatures
        .map(({ name, maxVersionLevel }) => ({ name, level: maxVersionLevel }))
        .sort(byName),
    }
    const release = version.split('.').slice(0, 2).join('.')
    const text = `${JSON.stringify(recorded, undefined, 2)}\n`
    await writeFile(new URL(`api-versions-${release}.json`, recordedApiVersionsFolder), text)
    console.log(`${release}: ${recorded.apis.length} APIs of ${version}`)
  } finally {
    await kafka.remove()
  }
}

await mkdir(recordedApiVersionsFolder, { recursive: true })
const wanted = process.argv.slice(2)
for (const version of wanted.length > 0 ? wanted : VERSIONS) await record(version)

import { ApiVersions, ErrorCode, UpdateFeatures } from '@ottla/protocol'
import { request } from '@ottla-test/apache-kafka'
import { expect, test } from 'vitest'

const metadata = 'metadata.version'
const newest = 33
const upgrade = 1
const safe = 2
const unsafe = 3

type Update = readonly [feature: string, level: number, upgradeType?: number]

/** Defines tests of feature updates, to be run on any broker: what they expect is what Apache Kafka 4.4.0 answers. */
export function updateFeatures(target: () => string): void {
  const update = (version: number, updates: readonly Update[], validateOnly = false) =>
    request(target(), UpdateFeatures, version, {
      timeoutMs: 5000,
      ...(version > 0 && { validateOnly }),
      featureUpdates: updates.map(([feature, maxVersionLevel, upgradeType = upgrade]) => ({
        feature,
        maxVersionLevel,
        ...(version === 0 ? { allowDowngrade: upgradeType !== upgrade } : { upgradeType }),
      })),
    })
  const level = async () => {
    const software = { clientSoftwareName: 'ottla', clientSoftwareVersion: '1' }
    const { finalizedFeatures } = await request(target(), ApiVersions, 4, software)
    return finalizedFeatures.find(({ name }) => name === metadata)?.maxVersionLevel
  }

  test.each([0, 1, 2])('to the same level go well in version %i', async (version) => {
    const results = version < 2 ? [{ feature: metadata, errorCode: 0, errorMessage: 'NONE' }] : []
    const same = await update(version, [[metadata, newest]])
    expect(same).toMatchObject({ errorCode: ErrorCode.NONE, errorMessage: null, results })
    const twice = await update(version, [
      [metadata, newest],
      [metadata, newest],
    ])
    expect(twice.results).toEqual([...results, ...results])
    expect(await update(version, [])).toMatchObject({ errorCode: ErrorCode.NONE, results: [] })
  })

  const invalid = (what: string, value: number, reason: string) =>
    `Invalid update version ${value} for feature ${what}. ${reason}`
  const lowered = (to: number, reason: string) =>
    `Unsupported ${metadata} downgrade from ${newest} to ${to}. ${reason}`
  const absent = 'Local controller 1 does not support this feature.'
  const range = 'Local controller 1 only supports versions 7-33'
  const asUpgrade =
    "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade."
  const wrongType = 'The controller does not support the given upgrade type.'
  const loses =
    'Refusing to perform the requested downgrade because it might delete metadata information.'
  const tooRisky = 'Unsafe metadata downgrade is not supported in this version.'

  test.each<[Update, string, firstVersion?: number]>([
    [['nonsense', 1], invalid('nonsense', 1, absent)],
    [['', 1], invalid('', 1, absent)],
    [['nonsense', 0, safe], invalid('nonsense', 0, 'Feature nonsense not found.')],
    [[metadata, 99], invalid(metadata, 99, range)],
    [[metadata, 1, safe], invalid(metadata, 1, range)],
    [[metadata, 0, safe], invalid(metadata, 0, range)],
    [[metadata, -1, safe], invalid(metadata, -1, 'A feature version cannot be less than 0.')],
    [[metadata, 30], invalid(metadata, 30, asUpgrade)],
    [[metadata, newest, 0], invalid(metadata, newest, wrongType), 1],
    [[metadata, newest, 9], invalid(metadata, newest, wrongType), 1],
    [[metadata, 32, safe], lowered(32, loses), 1],
    [[metadata, 32, unsafe], lowered(32, tooRisky), 1],
  ])('%j are refused', async (one, message, firstVersion = 0) => {
    for (const version of [0, 1, 2].filter((each) => each >= firstVersion)) {
      expect(await update(version, [[metadata, newest], one])).toMatchObject({
        errorCode: ErrorCode.INVALID_UPDATE_VERSION,
        errorMessage: `The update failed for all features since the following feature had an error: ${message}`,
        results: [],
      })
    }
    expect(await level()).toBe(newest)
  })

  test('that only ask are refused likewise', async () => {
    const { errorCode } = await update(1, [[metadata, 99]], true)
    expect(errorCode).toBe(ErrorCode.INVALID_UPDATE_VERSION)
    expect((await update(1, [[metadata, newest]], true)).errorCode).toBe(ErrorCode.NONE)
  })
}

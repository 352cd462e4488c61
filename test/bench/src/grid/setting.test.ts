import { expect, test } from 'vitest'
import { centre, settingName, starOf, wholeOf } from './setting.ts'

test('begins each grid at its centre and repeats nothing', () => {
  for (const kind of ['produce', 'consume'] as const) {
    for (const settings of [starOf(kind), wholeOf(kind)]) {
      expect(settings[0]).toEqual(centre)
      const names = settings.map((setting) => settingName(kind, setting))
      expect(new Set(names).size).toBe(names.length)
    }
  }
})

test('combines three sizes, three partition counts, three codecs and two acks', () => {
  expect(wholeOf('produce')).toHaveLength(54)
  expect(wholeOf('consume')).toHaveLength(27)
  expect(starOf('produce')).toHaveLength(8)
  expect(starOf('consume')).toHaveLength(7)
})

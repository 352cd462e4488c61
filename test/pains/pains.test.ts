import { describe, expect, it } from 'vitest'
import { installVerdicts } from './src/install.js'
import { pains } from './src/pains/index.js'
import { tryClient } from './src/try-client.js'

const us = 'ottla'

describe('our clients have none of the pains', () => {
  it.each(pains)('$id: $title', async ({ id }) => {
    expect(await tryClient(us, id)).toEqual({ passed: true })
  })

  it('9: installs without scripts, on every Node', () => {
    expect(installVerdicts([us]).verdicts.get(us)).toEqual({ passed: true })
  })
})

import { expect, it } from 'vitest'
import type { Need } from '../rules/need.js'
import { checkTarget } from './check-target.js'

const target = (provides: Need[], rest: object = {}) => ({
  ...{ name: 'x', address: 'localhost:9092', provides },
  ...rest,
})
const admin = { username: 'admin', password: 'a' }

it('a target has what its needs are about, or is refused', () => {
  expect(() => checkTarget(target(['acls', 'quotas']))).not.toThrow()
  expect(() => checkTarget(target(['sasl-plain']))).toThrow(
    "provides 'sasl-plain' needs a listener with SASL",
  )
  const sasl = { address: 'localhost:9093', users: { admin } }
  expect(() => checkTarget(target(['sasl-scram'], { listeners: { sasl } }))).toThrow(
    'the users alice in',
  )
  const users = { admin, alice: { ...admin, username: 'alice' } }
  const listeners = { sasl: { ...sasl, users } }
  const provides: Need[] = ['acls', 'sasl-plain', 're-authentication']
  expect(() => checkTarget(target(provides, { listeners }))).not.toThrow()
  expect(() => checkTarget(target([], { release: '5.0' }))).toThrow('The release is one of 3.9')
  expect(() => checkTarget(target(['nodes-can-be-stopped']))).toThrow('`controls.nodes`')
})

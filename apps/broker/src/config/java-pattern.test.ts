import { expect, it } from 'vitest'
import { isJavaPattern } from './java-pattern.js'

it.each([
  'app-.*',
  '(?i)app',
  '(?i-s:app)',
  'a*+b?+c{2,}+',
  '(?>a|b)',
  '(?<name>a)\\k<name>',
  '\\Q(\\E[a-z&&[^b]]',
  '\\Qnot closed (',
  '[(?i)*+{]',
  '\\{\\(',
  '11\\.1\\.[0-9]{1}',
])('takes %s for a pattern', (pattern) => {
  expect(isJavaPattern(pattern)).toBe(true)
})

it.each(['(', ')', '*', 'a**', '[', '(?<1>a)', 'a{', '{x}', 'a\\', '(?i', '[b-a]'])(
  'takes %s for none',
  (pattern) => {
    expect(isJavaPattern(pattern)).toBe(false)
  },
)

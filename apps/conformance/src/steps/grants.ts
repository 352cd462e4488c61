import { CreateAcls, DeleteAcls, DescribeAcls, ErrorCode } from '@ottla/protocol'
import type { RuleContext } from '../rules/rule-context.js'
import { newest } from './newest.js'

/** Kinds of resources and operations, as ACLs number them. */
export const Acl = {
  GROUP: 3,
  TRANSACTIONAL_ID: 5,
  READ: 3,
  WRITE: 4,
  DELETE: 6,
  DESCRIBE: 8,
} as const

const LITERAL = 3
const ALLOW = 3

/** Somebody's right to one operation on one resource. */
export interface Grant {
  readonly resourceType: number
  readonly resourceName: string
  readonly operation: number
}

/** Gives `alice` a right, until the end of the rule. */
export async function grant(t: RuleContext, given: Grant): Promise<void> {
  const { resourceType, resourceName, operation } = given
  const username = t.target.listeners?.sasl?.users.alice?.username ?? 'alice'
  const about = { host: '*', operation, permissionType: ALLOW }
  const principal = `User:${username}`
  const creation = { resourceType, resourceName, resourcePatternType: LITERAL, principal, ...about }
  const filter = {
    resourceTypeFilter: resourceType,
    resourceNameFilter: resourceName,
    patternTypeFilter: LITERAL,
    principalFilter: principal,
    hostFilter: '*',
    operation,
    permissionType: ALLOW,
  }
  t.cleanUp(() => t.client.ask(DeleteAcls, { filters: [filter] }, newest(t, DeleteAcls)))
  const answer = await t.client.ask(CreateAcls, { creations: [creation] }, newest(t, CreateAcls))
  t.equal(answer.results[0]?.errorCode, ErrorCode.NONE, 'error of CreateAcls')
  await t.until('the right', async () => {
    const found = await t.client.ask(DescribeAcls, filter, newest(t, DescribeAcls))
    return found.resources.length === 1
  })
}

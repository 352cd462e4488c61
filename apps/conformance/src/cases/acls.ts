import { CreateAcls, DeleteAcls, DescribeAcls, ErrorCode } from '@ottla/protocol'
import { nonEmpty } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { newest } from '../steps/index.js'

const KIP_140 = 'KIP-140: Add administrative RPCs for adding, deleting, and listing ACLs'

const TOPIC = 2
const LITERAL = 3
const READ = 3
const ALLOW = 3

const acl = (resourceName: string) => ({
  resourceType: TOPIC,
  resourceName,
  resourcePatternType: LITERAL,
  principal: 'User:conformance-nobody',
  host: '*',
  operation: READ,
  permissionType: ALLOW,
})

const filter = (resourceNameFilter: string) => ({
  resourceTypeFilter: TOPIC,
  resourceNameFilter,
  patternTypeFilter: LITERAL,
  principalFilter: null,
  hostFilter: null,
  operation: 1,
  permissionType: 1,
})

/** Creates an ACL that goes at the end. */
async function created(t: RuleContext): Promise<string> {
  const name = t.name('topic')
  t.cleanUp(() => t.client.ask(DeleteAcls, { filters: [filter(name)] }, newest(t, DeleteAcls)))
  const { results } = await t.client.ask(
    CreateAcls,
    { creations: [acl(name)] },
    newest(t, CreateAcls),
  )
  t.equal(results[0]?.errorCode, ErrorCode.NONE, 'error of CreateAcls')
  await t.until('the ACL', async () => {
    const found = await t.client.ask(DescribeAcls, filter(name), newest(t, DescribeAcls))
    return found.resources.length === 1
  })
  return name
}

const refusals: readonly (readonly [
  id: string,
  what: string,
  change: Partial<ReturnType<typeof acl>>,
])[] = [
  ['unknown-resource-type', 'A resource type that does not exist', { resourceType: 99 }],
  ['principal-without-type', 'A principal without a type', { principal: 'nobody' }],
  ['empty-resource-name', 'An empty resource name', { resourceName: '' }],
]

/** Rules of DescribeAcls, CreateAcls and DeleteAcls. */
export const rules: readonly Rule[] = [
  rule({
    id: 'describe-acls.created',
    says: 'An ACL that was created is found by the name of its resource, with all that it says.',
    source: KIP_140,
    apis: [DescribeAcls, CreateAcls, DeleteAcls],
    topic: 'security',
    needs: ['acls'],
    run: async (t) => {
      const name = await created(t)
      const { principal, host, operation, permissionType } = acl(name)
      t.expect(await t.client.ask(DescribeAcls, filter(name)), {
        throttleTimeMs: 0,
        errorCode: ErrorCode.NONE,
        resources: [
          {
            resourceType: TOPIC,
            resourceName: name,
            patternType: LITERAL,
            acls: [{ principal, host, operation, permissionType }],
          },
        ],
      })
    },
  }),
  rule({
    id: 'describe-acls.nothing',
    says: 'A filter that nothing fits finds nothing, without error.',
    source: KIP_140,
    apis: [DescribeAcls],
    topic: 'security',
    needs: ['acls'],
    run: async (t) => {
      t.expect(await t.client.ask(DescribeAcls, filter(t.name('topic'))), {
        errorCode: ErrorCode.NONE,
        resources: [],
      })
    },
  }),
  rule({
    id: 'create-acls.creates',
    says: 'An ACL is created without error.',
    source: KIP_140,
    apis: [CreateAcls, DeleteAcls],
    topic: 'security',
    needs: ['acls'],
    run: async (t) => {
      const name = t.name('topic')
      t.cleanUp(() => t.client.ask(DeleteAcls, { filters: [filter(name)] }))
      t.expect(await t.client.ask(CreateAcls, { creations: [acl(name)] }), {
        throttleTimeMs: 0,
        results: [{ errorCode: ErrorCode.NONE }],
      })
    },
  }),
  ...refusals.map(([id, what, change]) =>
    rule({
      id: `create-acls.${id}`,
      says: `${what} is refused with INVALID_REQUEST, and others are created.`,
      source: KIP_140,
      apis: [CreateAcls, DeleteAcls],
      topic: 'errors',
      needs: ['acls'],
      run: async (t) => {
        const name = t.name('topic')
        t.cleanUp(() => t.client.ask(DeleteAcls, { filters: [filter(name)] }))
        const creations = [{ ...acl(t.name('topic')), ...change }, acl(name)]
        t.expect(await t.client.ask(CreateAcls, { creations }), {
          results: [
            { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: nonEmpty },
            { errorCode: ErrorCode.NONE },
          ],
        })
      },
    }),
  ),
  rule({
    id: 'delete-acls.deletes',
    says: 'The ACLs that fit a filter are deleted and come back in the answer; then there are none.',
    source: KIP_140,
    apis: [DeleteAcls, CreateAcls, DescribeAcls],
    topic: 'security',
    needs: ['acls'],
    run: async (t) => {
      const name = await created(t)
      const { principal, host, operation, permissionType } = acl(name)
      t.expect(await t.client.ask(DeleteAcls, { filters: [filter(name)] }), {
        throttleTimeMs: 0,
        filterResults: [
          {
            errorCode: ErrorCode.NONE,
            matchingAcls: [
              {
                errorCode: ErrorCode.NONE,
                resourceType: TOPIC,
                resourceName: name,
                patternType: LITERAL,
                principal,
                host,
                operation,
                permissionType,
              },
            ],
          },
        ],
      })
      await t.until('the end of the ACL', async () => {
        const found = await t.client.ask(DescribeAcls, filter(name))
        return found.resources.length === 0
      })
    },
  }),
  rule({
    id: 'delete-acls.nothing',
    says: 'A filter that nothing fits deletes nothing, without error.',
    source: KIP_140,
    apis: [DeleteAcls],
    topic: 'security',
    needs: ['acls'],
    run: async (t) => {
      t.expect(await t.client.ask(DeleteAcls, { filters: [filter(t.name('topic'))] }), {
        filterResults: [{ errorCode: ErrorCode.NONE, matchingAcls: [] }],
      })
    },
  }),
  rule({
    id: 'describe-acls.forbidden',
    says: 'Without the right to describe the cluster ACLs are not told: CLUSTER_AUTHORIZATION_FAILED.',
    source: KIP_140,
    apis: [DescribeAcls],
    topic: 'security',
    needs: ['acls', 'sasl-plain'],
    run: async (t) => {
      const alice = await t.connect({ listener: 'sasl', as: 'alice' })
      t.expect(await alice.ask(DescribeAcls, filter(t.name('topic'))), {
        errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
        resources: [],
      })
    },
  }),
]

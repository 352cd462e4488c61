import type { Api, ErrorCode, Infer, InferInput, MessageType } from '@ottla/protocol'
import { ErrorCode as codes } from '@ottla/protocol'
import type { AnyApi } from '../client/any-api.js'
import type { Pattern } from '../match/index.js'
import type { Need } from '../rules/need.js'
import { type Rule, type RuleTopic, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { createTopic, type Grant, grant, type Topic } from '../steps/index.js'
import { kebabCase } from './kebab-case.js'

/** What somebody without rights asks about: a topic that is there, and ids of nobody else. */
export interface ForbiddenPlace {
  readonly version: number
  readonly topic: Topic
  readonly groupId: string
  readonly transactionalId: string
  /** The code that is expected. */
  readonly errorCode: number
}

/** A request of `alice`, who has no rights, and how it is refused. */
export interface Forbidden<Request extends MessageType, Response extends MessageType> {
  readonly api: Api<Request, Response>
  /** Default `unauthorized`. */
  readonly id?: string
  /** Completes "Without the right to …". */
  readonly right: string
  readonly code: keyof typeof ErrorCode & `${string}AUTHORIZATION_FAILED`
  readonly versions?: Rule['versions']
  readonly releases?: Rule['releases']
  readonly needs?: readonly Need[]
  /** Rights that she has all the same. */
  readonly grants?: (place: ForbiddenPlace) => readonly Grant[]
  /** What a super user does before. */
  readonly prepare?: (t: RuleContext, place: ForbiddenPlace) => Promise<unknown>
  readonly ask: (place: ForbiddenPlace) => InferInput<Request>
  readonly answer: (place: ForbiddenPlace) => Pattern<Infer<Response>>
}

type Answer<Response extends MessageType> = Infer<Response> & object

const SOURCE = 'https://kafka.apache.org/documentation/#operations_resources_and_protocols'
const topicOfTable: RuleTopic = 'security'

/** The rule of a request that somebody without rights may not make. */
export function forbidden<Request extends MessageType, Response extends MessageType>(
  asked: Forbidden<Request, Response>,
): Rule {
  const { api, id = 'unauthorized', right, code, versions, releases, needs = [], grants } = asked
  const first: AnyApi = api
  return rule({
    id: `${kebabCase(api.name)}.${id}`,
    says: `Without the right to ${right}, ${api.name} is refused with ${code}.`,
    source: SOURCE,
    apis: [first],
    topic: topicOfTable,
    ...(versions === undefined ? {} : { versions }),
    ...(releases === undefined ? {} : { releases }),
    needs: ['acls', 'sasl-plain', ...needs],
    run: async (t) => {
      const place = {
        version: t.version,
        topic: await createTopic(t),
        groupId: t.name('group'),
        transactionalId: t.name('transactional-id'),
        errorCode: codes[code],
      }
      for (const given of grants?.(place) ?? []) await grant(t, given)
      await asked.prepare?.(t, place)
      const alice = await t.connect({ listener: 'sasl', as: 'alice' })
      const answer = await alice.ask(api, asked.ask(place))
      t.expect(answer as Answer<Response>, asked.answer(place) as Pattern<Answer<Response>>)
    },
  })
}

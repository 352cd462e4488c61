import { type Api, ErrorCode, type Infer, type InferInput, type MessageType } from '@ottla/protocol'
import type { AnyApi } from '../client/any-api.js'
import type { RawClient } from '../client/raw-client.js'
import type { Pattern } from '../match/index.js'
import { type Rule, rule } from '../rules/rule.js'
import type { RuleContext } from '../rules/rule-context.js'
import { createTopic, type Topic } from '../steps/index.js'

/** What a refused request is about: a topic that is there, and ids of nobody else. */
export interface RefusedPlace {
  readonly version: number
  readonly topic: Topic
  readonly groupId: string
  readonly transactionalId: string
  /** The code that is expected. */
  readonly errorCode: number
}

/** A request and how it is refused; what else a rule says is as in {@link Rule}. */
export interface Refused<Request extends MessageType, Response extends MessageType>
  extends Omit<Rule, 'apis' | 'run' | 'topic'>,
    Partial<Pick<Rule, 'topic'>> {
  readonly api: Api<Request, Response>
  readonly code: keyof typeof ErrorCode
  /** What is done before. */
  readonly prepare?: (t: RuleContext, place: RefusedPlace) => Promise<unknown>
  /** Default: the client of the rule. */
  readonly connect?: (t: RuleContext, place: RefusedPlace) => Promise<RawClient>
  readonly ask: (place: RefusedPlace) => InferInput<Request>
  readonly answer: (place: RefusedPlace) => Pattern<Infer<Response>>
}

type Answer<Response extends MessageType> = Infer<Response> & object

/** The rule of one request that is refused, in the topic `errors` unless it says otherwise. */
export function refused<Request extends MessageType, Response extends MessageType>(
  asked: Refused<Request, Response>,
): Rule {
  const { api, code, prepare, connect, ask, answer, ...rest } = asked
  const first: AnyApi = api
  return rule({
    topic: 'errors',
    ...rest,
    apis: [first],
    run: async (t) => {
      const place = {
        version: t.version,
        topic: await createTopic(t),
        groupId: t.name('group'),
        transactionalId: t.name('transactional-id'),
        errorCode: ErrorCode[code],
      }
      await prepare?.(t, place)
      const client = (await connect?.(t, place)) ?? t.client
      const found = await client.ask(api, ask(place))
      t.expect(found as Answer<Response>, answer(place) as Pattern<Answer<Response>>)
    },
  })
}

import type { ErrorCode, MessageType } from '@ottla/protocol'
import { documents } from '../rules/documents.js'
import type { Rule } from '../rules/rule.js'
import { type Grant, grant } from '../steps/index.js'
import { kebabCase } from './kebab-case.js'
import { type Refused, type RefusedPlace, refused } from './refused.js'

/** A request of `alice`, who has no rights, and how it is refused. */
export interface Forbidden<Request extends MessageType, Response extends MessageType>
  extends Omit<Refused<Request, Response>, 'id' | 'says' | 'source' | 'connect'> {
  /** Default `unauthorized`. */
  readonly id?: string
  /** Completes "Without the right to …". */
  readonly right: string
  readonly code: keyof typeof ErrorCode & `${string}AUTHORIZATION_FAILED`
  /** Rights that she has all the same. */
  readonly grants?: (place: RefusedPlace) => readonly Grant[]
}

/** The rule of a request that somebody without rights may not make. */
export function forbidden<Request extends MessageType, Response extends MessageType>(
  asked: Forbidden<Request, Response>,
): Rule {
  const { id = 'unauthorized', right, needs = [], grants, prepare, ...rest } = asked
  const { api, code } = asked
  return refused<Request, Response>({
    topic: 'security',
    ...rest,
    id: `${kebabCase(api.name)}.${id}`,
    says: `Without the right to ${right}, ${api.name} is refused with ${code}.`,
    source: documents.operations,
    needs: ['acls', 'sasl-plain', ...needs],
    prepare: async (t, place) => {
      for (const given of grants?.(place) ?? []) await grant(t, given)
      await prepare?.(t, place)
    },
    connect: (t) => t.connect({ listener: 'sasl', as: 'alice' }),
  })
}

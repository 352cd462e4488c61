import { type PlacedListener, SECURITY_USERS, targetCertificates } from './security.js'
import type { KafkaTarget, TargetListener } from './target.js'

/** What a target says of itself. */
export type TargetFacts = Pick<
  KafkaTarget,
  'name' | 'release' | 'provides' | 'bootstrapServers' | 'listeners' | 'users' | 'certificates'
>

interface Given extends Pick<KafkaTarget, 'name' | 'release' | 'provides'> {
  /** The listeners of each node, the plain one first. */
  readonly nodes: readonly (readonly PlacedListener[])[]
}

/** What a target says of itself, from where its nodes listen. */
export function targetFacts({ nodes, ...given }: Given): TargetFacts {
  const [kinds = []] = nodes
  const listeners = kinds.map(({ port: _, ...kind }, index): [string, TargetListener] => {
    const addresses = nodes.map((placed) => `127.0.0.1:${placed[index]?.port}`)
    return [kind.name, { ...kind, bootstrapServers: addresses.join(',') }]
  })
  const isSecured = kinds.some(({ protocol }) => protocol !== 'PLAINTEXT')
  return {
    ...given,
    bootstrapServers: listeners[0]?.[1].bootstrapServers ?? '',
    listeners: Object.fromEntries(listeners),
    users: isSecured ? SECURITY_USERS : [],
    certificates: isSecured ? targetCertificates() : undefined,
  }
}

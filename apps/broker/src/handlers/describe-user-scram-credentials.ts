import {
  DescribeUserScramCredentials,
  type DescribeUserScramCredentialsResponseInput,
  ErrorCode,
} from '@ottla/protocol'
import type { MetadataImage } from '../image/image.js'
import { handler } from '../server/handler.js'

/** Kafka leaves the message empty here, not null. */
const success = { errorCode: ErrorCode.NONE, errorMessage: '' }

type Result = DescribeUserScramCredentialsResponseInput['results'][number]

/** Lists mechanisms and iterations of users, never keys (KIP-554); no names, or null, ask for all users. */
export const describeUserScramCredentialsHandler = handler(
  DescribeUserScramCredentials,
  { min: 0, max: 0 },
  ({ broker: { image } }, { users }) => {
    const names =
      users === null || users.length === 0
        ? [...image.scramCredentials.values()].flatMap((each) => [...each.keys()])
        : users.map(({ name }) => name)
    const isAskedTwice = (name: string): boolean =>
      users !== null && users.filter((user) => user.name === name).length > 1
    return {
      throttleTimeMs: 0,
      ...success,
      results: [...new Set(names)].map((name) =>
        isAskedTwice(name) ? askedTwice(name) : describe(image, name),
      ),
    }
  },
)

const askedTwice = (user: string): Result => ({
  user,
  errorCode: ErrorCode.DUPLICATE_RESOURCE,
  errorMessage: `Cannot describe SCRAM credentials for the same user twice in a single request: ${user}`,
  credentialInfos: [],
})

const describe = (image: MetadataImage, user: string): Result => {
  const credentialInfos = [...image.scramCredentials].flatMap(([mechanism, users]) => {
    const credential = users.get(user)
    return credential === undefined ? [] : [{ mechanism, iterations: credential.iterations }]
  })
  if (credentialInfos.length > 0) return { user, ...success, credentialInfos }
  return {
    user,
    errorCode: ErrorCode.RESOURCE_NOT_FOUND,
    errorMessage: `Attempt to describe a user credential that does not exist: ${user}`,
    credentialInfos,
  }
}

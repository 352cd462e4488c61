import {
  array,
  field,
  type Infer,
  type InferInput,
  int64,
  message,
  string,
} from '../schema/index.js'

/** Names a regular expression that a consumer group subscribes to. */
export const ConsumerGroupRegularExpressionKey = message({
  name: 'ConsumerGroupRegularExpressionKey',
  apiKey: 16,
  versions: '0',
  flexible: 'none',
  shape: {
    groupId: field('0+', string),
    regularExpression: field('0+', string),
  },
})
export interface ConsumerGroupRegularExpressionKey
  extends Infer<typeof ConsumerGroupRegularExpressionKey> {}
/**
 * What {@link ConsumerGroupRegularExpressionKey} takes for encoding: fields with a default may be
 * left out.
 */
export type ConsumerGroupRegularExpressionKeyInput = InferInput<
  typeof ConsumerGroupRegularExpressionKey
>

/** The topics it matched, at a version of the metadata. */
export const ConsumerGroupRegularExpressionValue = message({
  name: 'ConsumerGroupRegularExpressionValue',
  apiKey: 16,
  versions: '0',
  flexible: '0+',
  shape: {
    topics: field('0+', array(string)),
    version: field('0+', int64),
    timestamp: field('0+', int64),
  },
})
export interface ConsumerGroupRegularExpressionValue
  extends Infer<typeof ConsumerGroupRegularExpressionValue> {}
/**
 * What {@link ConsumerGroupRegularExpressionValue} takes for encoding: fields with a default may be
 * left out.
 */
export type ConsumerGroupRegularExpressionValueInput = InferInput<
  typeof ConsumerGroupRegularExpressionValue
>

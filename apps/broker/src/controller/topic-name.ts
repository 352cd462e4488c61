import { ErrorCode } from '@ottla/protocol'
import { refusal } from '../errors.js'

const maxNameLength = 249

/** What is wrong with a topic name, in Kafka's words; undefined if nothing is. */
export const topicNameProblem = (name: string): string | undefined => {
  if (name === '') return 'the empty string is not allowed'
  if (name === '.' || name === '..') return `'${name}' is not allowed`
  if (name.length > maxNameLength) {
    return `the length of '${name}' is longer than the max allowed length ${maxNameLength}`
  }
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`
  }
  return undefined
}

/** @throws BrokerError INVALID_TOPIC_EXCEPTION */
export const checkTopicName = (name: string): void => {
  const problem = topicNameProblem(name)
  if (problem !== undefined) {
    throw refusal(ErrorCode.INVALID_TOPIC_EXCEPTION, `Topic name is invalid: ${problem}`)
  }
}

/** Metric names cannot hold a period, so Kafka takes names that differ only in `.` and `_` for the same. */
const metricName = (topic: string): string => topic.replaceAll('.', '_')

/** An existing topic that differs from `name` only in `.` and `_`, if there is one. */
export const collidingTopic = (name: string, existing: Iterable<string>): string | undefined => {
  if (!/[._]/.test(name)) return undefined
  const key = metricName(name)
  for (const other of existing) {
    if (other !== name && other.length === name.length && metricName(other) === key) return other
  }
  return undefined
}

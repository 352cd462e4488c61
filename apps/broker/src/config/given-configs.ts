import { InvalidArgumentError } from '@ottla/protocol'

/** Configs as a program writes them: Kafka keeps all of them as text, so `3` and `'3'` are the same. */
export type GivenConfigs = Readonly<Record<string, string | number | boolean>>

/**
 * The configs as Kafka keeps them.
 * @throws InvalidArgumentError for a value that is no text, number or boolean.
 */
export const configTexts = (configs: GivenConfigs = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(configs).map(([name, value]: [string, unknown]) => {
      if (!['string', 'number', 'boolean'].includes(typeof value)) {
        throw new InvalidArgumentError(
          `the config ${name} must be text, a number or a boolean, not ${JSON.stringify(value) ?? value}`,
        )
      }
      return [name, String(value)]
    }),
  )

import {
  type CallOptions,
  type ClientOptions,
  clientOptions,
  defineOptions,
  type ResolvedClientOptions,
} from '@ottla/network'

/** What an admin client takes; see each option. */
export interface AdminOptions extends ClientOptions {}

const definition = defineOptions('Admin', clientOptions.table)

/**
 * Checks the options of an admin client.
 *
 * @throws InvalidArgumentError naming the option, the value and what is expected.
 */
export const resolveAdminOptions = (options: AdminOptions): ResolvedClientOptions =>
  definition.resolve(options)

/** Limits of one operation: `timeoutMs` (default `defaultApiTimeoutMs`) covers all attempts; `signal` ends it earlier. */
export interface OperationOptions extends CallOptions {}

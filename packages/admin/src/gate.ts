import type { Cluster } from '@ottla/network'
import { ClosedError } from '@ottla/protocol'
import { checkList, checkOptions, type ListOperation } from './check-arguments.js'
import type { OperationOptions } from './options.js'

/** Where every operation of an admin client begins: refuses options it does not have, and all once the client is closed. */
export class Gate {
  readonly #cluster: Cluster
  readonly #ownsCluster: boolean
  #isClosed = false

  /** @param ownsCluster whether the connections close with the gate; they stay open where they are shared. */
  constructor(cluster: Cluster, ownsCluster: boolean) {
    this.#cluster = cluster
    this.#ownsCluster = ownsCluster
  }

  /** @throws ClosedError after `close`. */
  get cluster(): Cluster {
    if (this.#isClosed) throw new ClosedError('this admin client is closed; create a new one')
    return this.#cluster
  }

  /**
   * Begins an operation.
   *
   * @param own the options it has beside those of all operations.
   * @throws InvalidArgumentError for any other option, ClosedError after `close`.
   */
  begin<Options extends OperationOptions>(
    operation: string,
    options: Options,
    ...own: Exclude<keyof Options & string, keyof OperationOptions>[]
  ): Cluster {
    checkOptions(operation, options, own)
    return this.cluster
  }

  /**
   * Begins an operation on a list of items.
   *
   * @throws as `begin`, and InvalidArgumentError for a list that is none.
   */
  beginList<Options extends OperationOptions>(
    operation: ListOperation,
    items: unknown,
    options: Options,
    ...own: Exclude<keyof Options & string, keyof OperationOptions>[]
  ): Cluster {
    checkList(operation, items)
    return this.begin(operation, options, ...own)
  }

  /** Closes the connections unless they are shared. Idempotent. */
  async close(options: { readonly timeoutMs?: number | undefined }): Promise<void> {
    this.#isClosed = true
    if (this.#ownsCluster) await this.#cluster.close(options)
  }
}

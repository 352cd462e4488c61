import type { Controller, ProducerIdBlock } from '../controller/controller.js'

/** Hands out producer ids from blocks that the controller reserves, so that no id is given twice in a cluster's life. */
export class ProducerIds {
  readonly #controller: Controller
  readonly #brokerId: number
  readonly #brokerEpoch: () => number
  #next = 0
  #end = 0
  #fetching: Promise<void> | undefined

  constructor(controller: Controller, brokerId: number, brokerEpoch: () => number) {
    this.#controller = controller
    this.#brokerId = brokerId
    this.#brokerEpoch = brokerEpoch
  }

  /** A producer id that nobody has had. */
  async next(): Promise<number> {
    while (this.#next === this.#end) {
      this.#fetching ??= this.#fetch()
      await this.#fetching
    }
    const id = this.#next
    this.#next += 1
    return id
  }

  async #fetch(): Promise<void> {
    try {
      const block: ProducerIdBlock = await this.#controller.allocateProducerIds(
        this.#brokerId,
        this.#brokerEpoch(),
      )
      this.#next = block.first
      this.#end = block.first + block.size
    } finally {
      this.#fetching = undefined
    }
  }
}

import type { RecordView } from './record.js'
import type { RecordCursor } from './record-positions.js'

/** Iterates a cursor as objects. Written by hand: a generator takes twice as long per step. */
export class RecordIterator implements IterableIterator<RecordView> {
  private readonly cursor: RecordCursor

  constructor(cursor: RecordCursor) {
    this.cursor = cursor
  }

  next(): IteratorResult<RecordView> {
    if (this.cursor.next()) return { done: false, value: this.cursor.record() }
    return { done: true, value: undefined }
  }

  [Symbol.iterator](): this {
    return this
  }
}

import type { Rule } from '../rules/rule.js'
import { rules as addOffsetsToTxn } from './add-offsets-to-txn.js'
import { rules as addPartitionsToTxn } from './add-partitions-to-txn.js'
import { rules as describeTransactions } from './describe-transactions.js'
import { rules as endTxn } from './end-txn.js'
import { rules as fetch } from './fetch-transactions.js'
import { rules as initProducerId } from './init-producer-id-transactions.js'
import { rules as listTransactions } from './list-transactions.js'
import { rules as produce } from './produce-transactions.js'
import { rules as timeouts } from './transaction-timeouts.js'
import { rules as txnOffsetCommit } from './txn-offset-commit.js'

/** Rules of the transaction coordinator, and of what transactions are in logs and groups. */
export const rules: readonly Rule[] = [
  ...initProducerId,
  ...addPartitionsToTxn,
  ...addOffsetsToTxn,
  ...txnOffsetCommit,
  ...endTxn,
  ...fetch,
  ...describeTransactions,
  ...listTransactions,
  ...produce,
  ...timeouts,
]

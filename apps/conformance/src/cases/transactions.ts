import type { Rule } from '../rules/rule.js'
import { rules as endTxn } from './end-txn.js'
import { rules as initProducerId } from './init-producer-id-transactions.js'

/** Rules of the transaction coordinator, and of what transactions are in logs and groups. */
export const rules: readonly Rule[] = [...initProducerId, ...endTxn]

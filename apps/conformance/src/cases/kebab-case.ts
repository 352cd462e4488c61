/** `AddPartitionsToTxn` as `add-partitions-to-txn`: names of APIs in ids of rules. */
export function kebabCase(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase()
}

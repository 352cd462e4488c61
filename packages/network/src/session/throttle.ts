/**
 * First version of each API after whose answer the client holds back by itself (KIP-219); older ones were held back by the
 * broker before it answered. APIs that are not listed are younger than the rule and follow it from version 0.
 */
const firstThrottledVersion: Readonly<Record<number, number>> = {
  0: 6,
  1: 8,
  2: 3,
  3: 6,
  8: 4,
  9: 4,
  10: 2,
  11: 3,
  12: 2,
  13: 2,
  14: 2,
  15: 2,
  16: 2,
  18: 2,
  19: 3,
  20: 2,
  21: 1,
  22: 1,
  24: 1,
  25: 1,
  26: 1,
  28: 1,
  29: 1,
  30: 1,
  31: 1,
  32: 2,
  33: 1,
  34: 1,
  35: 1,
  37: 1,
  38: 1,
  39: 1,
  40: 1,
  41: 1,
  42: 1,
}

/** How long to send nothing on a connection after this response: its throttle time where the client has to keep it, else 0. */
export const throttleMs = (apiKey: number, version: number, response: unknown): number => {
  const { throttleTimeMs } = response as { readonly throttleTimeMs?: unknown }
  if (typeof throttleTimeMs !== 'number' || throttleTimeMs <= 0) return 0
  return version >= (firstThrottledVersion[apiKey] ?? 0) ? throttleTimeMs : 0
}

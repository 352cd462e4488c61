/**
 * The known name that `name` most likely means: the same without dots, dashes and case (`bootstrap.servers`), else the
 * one with the fewest edits, at most a third of its length. Undefined when none is near.
 */
export const nearestName = (name: string, known: readonly string[]): string | undefined => {
  const wanted = normalize(name)
  let best: string | undefined
  let bestDistance = Infinity
  for (const candidate of known) {
    const distance = editDistance(wanted, normalize(candidate))
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best !== undefined && bestDistance <= Math.max(2, best.length / 3) ? best : undefined
}

const normalize = (name: string): string => name.replace(/[-._]/g, '').toLowerCase()

/** Levenshtein: insertions, deletions and replacements of one character. */
const editDistance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[to.length] as number
}

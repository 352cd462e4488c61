/**
 * Where `java.util.regex` has a form of its own: quoted text, possessive repetition, atomic groups and groups with flags,
 * flags for what follows, and a brace that begins no repetition. What is the same in both, escapes and classes, is named
 * so that nothing inside of it is taken for one of these.
 */
const forms =
  /(?<quoted>\\Q.*?(?:\\E|$))|(?<same>\\.|\[\^?\]?(?:\\.|[^\]\\])*\])|(?<repetition>[*+?]|\{\d+(?:,\d*)?\})\+|(?<group>\(\?(?:>|[a-zA-Z]*(?:-[a-zA-Z]+)?:))|(?<flags>\(\?[a-zA-Z]*(?:-[a-zA-Z]+)?\))|(?<brace>\{(?!\d+(?:,\d*)?\}))/gs

/**
 * Whether Java would take a text for a pattern, as in matches of client metrics (KIP-714). It is judged by its form, in
 * JavaScript's syntax, which lets unknown escapes and properties pass, and sees otherwise what makes no sense, such as ^*.
 */
export const isJavaPattern = (pattern: string): boolean => {
  let isPattern = true
  const ours = pattern.replace(forms, (text: string, ...rest: unknown[]) => {
    const { same, repetition, group, brace } = rest.at(-1) as Partial<Record<string, string>>
    if (brace !== undefined) isPattern = false
    if (same !== undefined) return same
    if (repetition !== undefined) return repetition
    if (group !== undefined) return '(?:'
    // Quoted text and flags are right as they are.
    return text.startsWith('\\Q') ? 'q' : ''
  })
  try {
    new RegExp(ours)
    return isPattern
  } catch {
    return false
  }
}

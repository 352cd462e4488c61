const named: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** Text for XML and HTML, in elements and attributes alike; control characters, which XML cannot hold, as `?`. */
export function escapeMarkup(text: string): string {
  return (
    text
      .replaceAll(/[&<>"]/g, (character) => named[character] ?? character)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that XML forbids.
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '?')
  )
}

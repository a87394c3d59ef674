/**
 * What may be said of a text that came from outside, when it may repeat what we sent?
 * Whoever is asked sees our secrets, and a server that means ill, or a talkative proxy, writes them into its answer. No sentence that we keep or show holds one.
 */

/** The text with `[secret]` for each secret in it, also for words in base64 that hold one. Of fewer than four characters none is looked for. */
export const withoutSecrets = (text: string, secrets: Readonly<Record<string, string>>): string => {
  const values = Object.values(secrets)
    .flatMap((value) => [value, ...value.split('\n')])
    .map((value) => value.trim())
    .filter((value) => value.length >= 4)
    .toSorted((a, b) => b.length - a.length)
  const hides = (word: string): boolean => {
    const plain = Buffer.from(word, 'base64').toString('utf8')
    return values.some((value) => plain.includes(value))
  }
  return values
    .reduce((left, value) => left.replaceAll(value, '[secret]'), text)
    .replace(/[A-Za-z0-9+/_-]{6,}={0,2}/g, (word) => (hides(word) ? '[secret]' : word))
}

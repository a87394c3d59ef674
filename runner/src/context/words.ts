/** Which words does a text hold, when the text may be code? `checkoutRetry_limit` holds checkout, retry, limit and itself. */

const common = new Set(
  'a an and are as at be but by can do does for from had has have how if in into is it its may no not of on or our should so than that the their them then there these they this to up was we were what when where which who why will with would you your'.split(
    ' ',
  ),
)

/** Lower-case words in order, repeated as often as they occur; one-letter and very common words are left out. */
export const wordsOf = (text: string): string[] =>
  (text.normalize('NFKC').match(/[\p{L}\p{N}_]+/gu) ?? []).flatMap((token) => {
    const parts = token
      .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
      .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
      .split(/[_\s]+/)
      .map((part) => part.toLowerCase())
    const whole = token.toLowerCase()
    return [...(parts.length > 1 ? [whole] : []), ...parts].filter((word) => word.length > 1 && !common.has(word))
  })

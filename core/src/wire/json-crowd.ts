/**
 * Does a JSON text hold more than anything real?
 * Three million `{}` are 8 MB of text, and gigabytes and seconds for whoever holds each against a form. So what comes from outside is counted before it is parsed.
 */

/** Most elements taken in one list; the largest real one is a change of 5,000 files. */
export const mostOfOneList = 10_000
/** Most lists, objects and parts of them in a whole document; the report of a change of 5,000 files has about 60,000. */
export const mostValues = 300_000

const [quote, backslash, comma, openBrace, closeBrace, openBracket, closeBracket] = [
  0x22, 0x5c, 0x2c, 0x7b, 0x7d, 0x5b, 0x5d,
]

/** What there is too much of, to be said after "it has", or null. One pass; what is not JSON is not judged. Never throws. */
export const crowdIn = (text: string): string | null => {
  if (!/^\s*[[{]/.test(text)) return null
  const elements: number[] = [] // of each list that is open; -1 for an object
  let values = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      at = endOfString(text, at)
      if (at < 0) return null
    } else if (code === openBrace || code === openBracket) {
      if (++values > mostValues) return `more than ${mostValues} values`
      elements.push(code === openBrace ? -1 : 1)
    } else if (code === closeBrace || code === closeBracket) {
      elements.pop()
    } else if (code === comma) {
      if (++values > mostValues) return `more than ${mostValues} values`
      const here = elements.length - 1
      if (here >= 0 && elements[here] !== -1 && ++elements[here]! > mostOfOneList)
        return `a list of more than ${mostOfOneList} elements`
    }
  }
  return null
}

/** Where the text that begins at a quote ends, or -1. */
export const endOfString = (text: string, from: number): number => {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === backslash) at++
    else if (code === quote) return at
  }
  return -1
}

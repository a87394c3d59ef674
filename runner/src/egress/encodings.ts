/** In which usual disguises may a secret value appear? */

/** A secret that this runner knows. */
export type Secret = { readonly name: string; readonly value: string }
/** Bytes to look for (as latin1 text), and which secret they give away. */
export type Needle = { readonly name: string; readonly text: string }

/** Shorter values are not looked for: they would turn ordinary text into holes. */
export const shortestSecret = 6
// Longer needles are cut into pieces, so that little has to be held back at a chunk's edge.
const pieceLength = 128

/** Every needle of the secrets, longest first. Values of several lines (keys) are looked for line by line. */
export const needlesOf = (secrets: readonly Secret[]): Needle[] => {
  const seen = new Map<string, string>()
  for (const { name, value } of secrets)
    for (const line of value.split(/\r?\n/).map((one) => one.trim()))
      if (line.length >= shortestSecret)
        for (const form of formsOf(Buffer.from(line, 'utf8')))
          for (const piece of pieces(form)) if (!seen.has(piece)) seen.set(piece, name)
  return [...seen].map(([text, name]) => ({ name, text })).toSorted((a, b) => b.text.length - a.text.length)
}

const formsOf = (value: Buffer): string[] => {
  const plain = value.toString('latin1')
  const hex = value.toString('hex')
  const percent = [...value]
    .map((byte) =>
      /[A-Za-z0-9._~-]/.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).padStart(2, '0')}`,
    )
    .join('')
  const allPercent = [...value].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
  const json = Buffer.from(JSON.stringify(value.toString('utf8')).slice(1, -1)).toString('latin1')
  const forms = [
    plain,
    [...plain].toReversed().join(''),
    hex,
    hex.toUpperCase(),
    percent,
    percent.replace(/%../g, upper),
    allPercent,
    allPercent.toUpperCase(),
    json,
    ...base64Forms(value),
  ]
  return [...new Set(forms)].filter((form) => form.length >= shortestSecret)
}

/** Base64 of the value wherever it may begin in the encoded bytes: without the digits at the edges that depend on the neighbours. */
const base64Forms = (value: Buffer): string[] =>
  [0, 1, 2].flatMap((before) => {
    const bits = (before + value.length) * 8
    const first = Math.ceil((before * 8) / 6)
    const digits = Buffer.concat([Buffer.alloc(before), value])
      .toString('base64')
      .slice(first, Math.floor(bits / 6))
    return digits.length < 8 ? [] : [digits, digits.replaceAll('+', '-').replaceAll('/', '_')]
  })

const pieces = (form: string): string[] => {
  const count = Math.ceil(form.length / pieceLength)
  const size = Math.ceil(form.length / count)
  return Array.from({ length: count }, (_, at) => form.slice(at * size, (at + 1) * size))
}

const upper = (text: string): string => text.toUpperCase()

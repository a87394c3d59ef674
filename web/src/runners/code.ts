/** Is this a pairing code as people type it? Any case, with or without dashes and blanks; look-alike letters are the server's to judge. */

/** The code in the form the terminal prints: `A4-X91-7QH`. Null while it is not eight letters and digits. */
export const codeFrom = (typed: string): string | null => {
  const plain = typed.replace(/[^0-9a-z]/gi, '').toUpperCase()
  return plain.length === 8 ? `${plain.slice(0, 2)}-${plain.slice(2, 5)}-${plain.slice(5)}` : null
}

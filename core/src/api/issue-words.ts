/** In which words is it said what a schema found wrong? Its own are for whoever writes programs: `Invalid input: expected string, received undefined`. */

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}
const said = (kind: string): string => kinds[kind] ?? kind

/** The words for one of zod's issues: of a value that lacks or is of another kind our own, else those of the schema. */
export const issueWords = ({ message }: { readonly message: string }): string => {
  const [, expected, received] = /^Invalid input: expected (\w+), received (\w+)$/.exec(message) ?? []
  if (expected === undefined || received === undefined) return message
  return received === 'undefined'
    ? `it is missing; ${said(expected)} is needed`
    : `it is ${said(received)}; ${said(expected)} is needed`
}

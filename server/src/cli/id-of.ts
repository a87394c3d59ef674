/** Which one does a word on the command line mean: its id, or a name that one alone has? */
import { Stop } from './exit.ts'
import { inLine } from './terminal.ts'

/** The id. What is neither is left for the server to refuse; a name that several have is a slip. `kind`: what they are, as people say it of several. */
export const idOf = (
  kind: string,
  word: string,
  all: readonly { readonly id: string; readonly name: string }[],
): string => {
  if (all.some(({ id }) => id === word)) return word
  const named = all.filter(({ name }) => name === word)
  if (named.length > 1)
    throw new Stop(
      'usage',
      `${named.length} ${kind} are called ${inLine(word)}: ${named.map(({ id }) => id).join(', ')}.`,
      'Name one by its id.',
    )
  return named[0]?.id ?? word
}

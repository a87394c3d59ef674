/** What did git complain about, in one line for people? */
import { GitFailed } from './run-git.ts'

/** The words of any error of a git command. */
export const wordsOf = (error: unknown): string =>
  error instanceof GitFailed ? lastWords(error.err) : error instanceof Error ? error.message : 'no reason was given'

/** What git said, in one line: its own complaints and the remote's words, without advice. */
export const lastWords = (err: string): string => {
  const lines = err.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('hint:'))
  const complaints = lines.filter((line) => /^\s*(fatal:|error:|remote:|!)/.test(line))
  return (complaints.length > 0 ? complaints.slice(0, 3) : lines.slice(-2)).join(' ').replace(/\s+/g, ' ').slice(0, 300)
}

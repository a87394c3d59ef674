// Which regular expressions take time that grows with the square of a text, for a form that is easily written and easily seen?
import { readSyntax } from './syntax.ts'

/**
 * An alternative that is one repeated character or class and the end of the text, such as `/\/+$/`: at each character of a run it
 * begins anew, and reads to the end of the run. `trimmedEnd` of core/src/trimmed.ts looks at each once.
 */
const runAtEnd = /(?:^|\|)(?:\[(?:\\.|[^\]\\])*\]|\\[^b]|[^\\^$|()[\]])(?:[+*]|\{\d+,\})\??\$(?:$|\|)/

/** The patterns of that form in the text of a source file, each with its line from 1. Throws when it cannot be parsed. */
export const slowPatterns = (path: string, text: string): { line: number; pattern: string }[] =>
  readSyntax(path, text).patterns.filter(({ pattern }) => runAtEnd.test(pattern))

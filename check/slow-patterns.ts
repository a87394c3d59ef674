// Which regular expressions take time that grows with the square of a text, for a form that is easily written and easily seen?
import { parseSync } from 'rolldown/utils'

/**
 * An alternative that is one repeated character or class and the end of the text, such as `/\/+$/`: at each character of a run it
 * begins anew, and reads to the end of the run. `trimmedEnd` of core/src/trimmed.ts looks at each once.
 */
const runAtEnd = /(?:^|\|)(?:\[(?:\\.|[^\]\\])*\]|\\[^b]|[^\\^$|()[\]])(?:[+*]|\{\d+,\})\??\$(?:$|\|)/

/** The patterns of that form in the text of a source file, each with its line from 1. Throws when it cannot be parsed. */
export function slowPatterns(path: string, text: string): { line: number; pattern: string }[] {
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`)
  const found: { line: number; pattern: string }[] = []
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit)
    else if (typeof node === 'object' && node !== null) {
      const { type, regex, start } = node as { type?: string; regex?: { pattern: string }; start?: number }
      if (type === 'Literal' && regex && runAtEnd.test(regex.pattern))
        found.push({ line: text.slice(0, start).split('\n').length, pattern: regex.pattern })
      Object.values(node).forEach(visit)
    }
  }
  visit(program)
  return found
}

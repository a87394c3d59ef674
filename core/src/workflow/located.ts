/**
 * What does a YAML text say, and where does each part stand?
 * YAML 1.2 core schema, one document, bounded in size, depth and expansion. It knows nothing of workflows.
 */
import { parseDocument, type Document } from 'yaml'
import type { Mistakes, Path, Spot } from './mistakes.ts'
import { plainOf, type Located, type Plain } from './plain-values.ts'
import { mayBeRead } from './readable.ts'

/** A text read: its plain value (null when it cannot be read at all) and the spot of any path. */
export type Source = { value: Plain; readable: boolean; spotOf: (path: Path, at: 'key' | 'value') => Spot }

/** Reads a YAML text. What is wrong with the YAML itself goes to `mistakes`; `readable` says whether going on makes sense. */
export const readSource = (text: string, mistakes: Mistakes): Source => {
  const nowhere: Source = { value: null, readable: false, spotOf: () => ({ from: 0, to: 0 }) }
  if (!mayBeRead(text, mistakes)) return nowhere
  let document: Document.Parsed
  try {
    document = parseDocument(text, {
      keepSourceTokens: false,
      prettyErrors: false,
      stringKeys: false,
      uniqueKeys: false,
      resolveKnownTags: false,
      version: '1.2',
      logLevel: 'error',
    })
  } catch (error) {
    mistakes.add({
      code: 'yaml',
      path: [],
      spot: { from: 0, to: text.length },
      message: `This cannot be read as YAML: ${error instanceof Error ? error.message : 'unknown reason'}.`,
    })
    return nowhere
  }
  for (const { pos, code, message } of [...document.errors, ...document.warnings])
    mistakes.add({
      code: 'yaml',
      path: [],
      spot: { from: pos[0], to: pos[1] },
      ...(yamlWords[code] ?? { message: `${message.split('\n')[0]}.`.replace(/\.\.$/, '.') }),
    })
  if (document.directives.yaml.explicit && document.directives.yaml.version !== '1.2')
    mistakes.add({
      code: 'yaml',
      path: [],
      spot: { from: 0, to: text.indexOf('\n') },
      message: 'Only YAML 1.2 is read here; take the %YAML line out.',
    })
  const { value, located, whole } = plainOf(document.contents, text, mistakes)
  return { value, readable: whole && document.errors.length === 0, spotOf: (path, at) => spotIn(located, path, at) }
}

const yamlWords: Partial<Record<string, { message: string; expected?: string }>> = {
  TAB_AS_INDENT: { message: 'A tab indents this line; YAML takes blanks only.', expected: 'blanks' },
  MULTIPLE_DOCS: { message: 'A second document begins here; one file holds one document.', expected: 'one document' },
  TAG_RESOLVE_FAILED: { message: 'Tags (words that begin with !) are not taken here.', expected: 'a plain value' },
  BAD_ALIAS: { message: 'This alias names no anchor above it.' },
}

/** The spot of a path; of its nearest holder where the path itself is not in the text. */
const spotIn = (root: Located, path: Path, at: 'key' | 'value'): Spot => {
  let held = root
  let key: Spot | null = null
  for (const [i, part] of path.entries()) {
    const next = held.parts?.get(part)
    if (!next) return key ?? firstLineOf(held, i === 0)
    held = next.node
    key = next.key
  }
  return at === 'key' && key ? key : held.spot
}

/** A missing key is shown at the key that should hold it; at the root, at the first key. */
const firstLineOf = (held: Located, root: boolean): Spot => {
  const first = held.parts?.values().next().value
  return first ? (first.key ?? (root ? first.node.spot : held.spot)) : held.spot
}

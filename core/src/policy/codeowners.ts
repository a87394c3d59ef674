/**
 * Who owns the paths that a change touches?
 * Reads a CODEOWNERS text as GitHub does (last rule wins; names as written). It never knows which account is which person.
 */
import { globFits } from './glob.ts'

export type Owners = { path: string; owners: string[]; line: number | null }

type Rule = { pattern: string; owners: string[]; line: number }

/** The owners of each path, by the last rule that fits; none when no rule fits or the rule names nobody. Lines count from 1. */
export const codeownersOf = (text: string, paths: readonly string[]): Owners[] => {
  const rules = rulesOf(text)
  return paths.map((path) => {
    const rule = rules.findLast((held) => owns(held.pattern, path))
    return { path, owners: rule?.owners ?? [], line: rule?.line ?? null }
  })
}

/** All owners named for these paths, each once, in order. */
export const ownersOf = (text: string, paths: readonly string[]): string[] => [
  ...new Set(codeownersOf(text, paths).flatMap(({ owners }) => owners)),
]

const rulesOf = (text: string): Rule[] => {
  const rules: Rule[] = []
  for (const [i, raw] of text.slice(0, 3_000_000).split(/\r?\n/).entries()) {
    const words = raw
      .replace(/(^|\s)#.*$/, '')
      .trim()
      .replace(/\\ /g, '\0')
      .split(/\s+/)
      .map((word) => word.replaceAll('\0', ' '))
    const [pattern = '', ...names] = words
    // Negation and character ranges do nothing in CODEOWNERS; a GitLab section head is no rule. Such a line is skipped, as GitHub does.
    if (pattern === '' || pattern.startsWith('!') || /[[\]]/.test(pattern) || pattern.startsWith('^')) continue
    rules.push({
      pattern: pattern.replaceAll('\\', ''),
      owners: names.filter((name) => /^@[\w.-]+(\/[\w.-]+)?$|^[^\s@]+@[^\s@]+$/.test(name)),
      line: i + 1,
    })
  }
  return rules
}

/** gitignore's rules, without negation: a pattern with an inner or leading slash is anchored; a folder owns what is below it; `docs/*` owns direct children only. */
const owns = (pattern: string, path: string): boolean => {
  const folder = pattern.endsWith('/')
  const bare = pattern.replace(/^\/+/, '').replace(/\/+$/, '')
  if (bare === '') return true
  const anchored = pattern.startsWith('/') || bare.includes('/')
  const glob = anchored ? bare : `**/${bare}`
  const below = globFits(`${glob}/**`, path) && !globFits(glob, path)
  if (folder) return below
  return globFits(glob, path) || (below && !bare.endsWith('/*') && bare !== '*/')
}

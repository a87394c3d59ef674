/**
 * Which context is a run, or a step, given to read?
 * A step can narrow the workflow's context and never widen it. It never asks whether a name exists.
 */
import type { ContextWish, RepoUse } from '../compiled.ts'
import type { Mistakes, Path } from '../mistakes.ts'
import { many } from '../read-document.ts'
import type { ContextWritten } from '../written/context.ts'

/** Context wishes in their compiled form. A wish for paths without a repository means the only one there is. */
export const lowerContext = (
  written: readonly { value: ContextWritten | undefined; path: Path }[],
  repos: readonly RepoUse[],
  reposBroken: boolean,
  mistakes: Mistakes,
): ContextWish[] => {
  const wishes: ContextWish[] = []
  for (const { value, path } of written) {
    if (value === undefined) continue
    const wish = lowerWish(value, path, repos, reposBroken, mistakes)
    if (wish === null) continue
    if (wishes.some((held) => sameWish(held, wish)))
      mistakes.add({ code: 'duplicate', path, message: 'This context is named twice.', expected: 'each context once' })
    else wishes.push(wish)
  }
  return wishes
}

const lowerWish = (
  value: ContextWritten,
  path: Path,
  repos: readonly RepoUse[],
  reposBroken: boolean,
  mistakes: Mistakes,
): ContextWish | null => {
  if (typeof value === 'string') return { kind: 'name', name: value }
  if ('name' in value) return { kind: 'name', name: value.name }
  if ('history' in value) return { kind: 'history', of: value.history }
  const paths = [...new Set(many(value.paths))]
  const max = value.max ?? null
  if (value.repo === undefined) {
    if (repos.length === 1) return { kind: 'paths', repo: repos[0]!.name, paths, max }
    if (!reposBroken)
      mistakes.add({
        code: 'missing',
        path,
        message: `Paths of which repository? Say \`repo\`: there are ${repos.length}.`,
        expected: repos.map((repo) => repo.name).join(', ') || 'a repository below repos',
      })
    return null
  }
  const repo = repos.find((held) => held.name.toLowerCase() === value.repo!.toLowerCase())
  if (!repo && !reposBroken)
    mistakes.add({
      code: 'unknown_name',
      path: [...path, 'repo'],
      message: `${value.repo} is not below \`repos\`; add it there, with access: read if it is only read.`,
      found: value.repo,
      expected: repos.map((held) => held.name).join(', '),
      words: repos.map((held) => held.name),
      word: value.repo,
    })
  return { kind: 'paths', repo: repo?.name ?? value.repo, paths, max }
}

/** Do two wishes wish for the same? */
export const sameWish = (a: ContextWish, b: ContextWish): boolean =>
  JSON.stringify(keyOf(a)) === JSON.stringify(keyOf(b))

const keyOf = (wish: ContextWish): unknown[] =>
  wish.kind === 'name' ? [wish.name] : wish.kind === 'history' ? ['history', wish.of] : [wish.repo, wish.paths]

/**
 * How is context written?
 * A name, paths of a repository, or history.
 */
import { z } from 'zod'
import { ContextName, Glob, RepoName } from './names.ts'
import { formed, keyed, listOf, say, wholeNumber } from './say.ts'

const noun = 'context: a name, { repo, paths }, or { history }'

export const ContextWritten = z.union(
  [
    ContextName,
    keyed('context', { name: ContextName }),
    keyed('context', {
      repo: RepoName.optional(),
      paths: listOf('paths inside the repository', Glob, { min: 1 }),
      max: wholeNumber(1, 100).optional(),
    }),
    keyed('context', { history: formed('which earlier runs, such as same-ticket', /^[a-z][a-z0-9-]{0,39}$/) }),
  ],
  say(noun),
)
export const ContextsWritten = listOf(noun, ContextWritten)
export type ContextWritten = z.infer<typeof ContextWritten>

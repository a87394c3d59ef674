/**
 * Which repositories may a run touch?
 * Writes access, globs and protected paths out. It never asks whether a repository exists.
 */
import type { RepoUse } from '../compiled.ts'
import { defaults } from '../defaults.ts'
import type { Mistakes, Path } from '../mistakes.ts'
import { many, type Item } from '../read-document.ts'

type Options = {
  ref?: string
  from_event?: boolean
  access?: 'read' | 'write'
  write?: string | string[]
  protect?: string | string[]
}

export const lowerRepos = (written: Item<'repos'>[] | null, mistakes: Mistakes): RepoUse[] => {
  const repos: RepoUse[] = []
  for (const { value, path } of written ?? []) {
    if (value === undefined) continue
    const entries =
      typeof value === 'string'
        ? [[value, null, path] as const]
        : Object.entries(value as Record<string, Options | null>).map(
            ([name, options]) => [name, options, [...path, name]] as const,
          )
    // The keys of a mapping have no order, and the change goes to the first that may be written.
    entries.sort(([a], [b]) => (a < b ? -1 : 1))
    if (entries.filter(([, options]) => options?.access !== 'read').length > 1)
      mistakes.add({
        code: 'contradiction',
        path,
        message: 'Several of these may be written; write them as a list, because the change goes to the first.',
        found: entries.map(([name]) => name).join(', '),
        expected: 'a list',
      })
    for (const [name, options, here] of entries) {
      // Forges fold case: Acme/API and acme/api are one repository.
      if (repos.some((repo) => repo.name.toLowerCase() === name.toLowerCase()))
        mistakes.add({
          code: 'duplicate',
          path: here,
          at: 'key',
          message: `${name} is named twice.`,
          found: name,
          expected: 'each repository once',
        })
      else repos.push(lowerRepo(name, options ?? {}, here, repos, mistakes))
    }
  }
  return repos
}

const lowerRepo = (name: string, options: Options, path: Path, earlier: RepoUse[], mistakes: Mistakes): RepoUse => {
  const written = earlier.find((repo) => repo.access === 'write')
  const wanted = options.access ?? (options.write || options.protect ? 'write' : null)
  // A run makes one change, and a change is of one repository: what an agent wrote in another one would go nowhere.
  if (written && wanted === 'write')
    mistakes.add({
      code: 'contradiction',
      path,
      message: `A run changes one repository, and ${written.name} comes first; ${name} can be read (\`access: read\`).`,
      found: name,
      expected: 'access: read',
    })
  const access = wanted ?? (written ? 'read' : 'write')
  if (access === 'read' && options.write !== undefined)
    mistakes.add({
      code: 'contradiction',
      path: [...path, 'write'],
      at: 'key',
      message: `${name} may only be read (\`access: read\`), so nothing in it may be written.`,
      expected: 'access: write, or no write',
    })
  if (access === 'write' && options.write !== undefined && many(options.write).length === 0)
    mistakes.add({
      code: 'contradiction',
      path: [...path, 'write'],
      message: `An empty \`write\` lets nothing change in ${name}; say \`access: read\`.`,
      expected: 'access: read',
    })
  if (options.ref !== undefined && options.from_event)
    mistakes.add({
      code: 'contradiction',
      path: [...path, 'from_event'],
      at: 'key',
      message: `${name} begins either at \`ref\` or where the event says (\`from_event\`).`,
      expected: 'one of ref, from_event',
    })
  const write =
    access === 'read' ? [] : options.write === undefined ? [...defaults.write] : [...new Set(many(options.write))]
  const protect = access === 'read' ? [] : [...new Set([...defaults.protect, ...many(options.protect)])]
  return {
    name,
    ref: options.ref ?? null,
    ...(options.from_event && { fromEvent: true as const }),
    access,
    write,
    protect,
  }
}

/**
 * Which repositories may a run touch?
 * Writes access, globs and protected paths out. It never asks whether a repository exists.
 */
import type { RepoUse, Route } from '../compiled.ts'
import { defaults } from '../defaults.ts'
import type { Mistakes, Path } from '../mistakes.ts'
import { many, type Item } from '../read-document.ts'
import { routePlaces } from '../route-places.ts'

type Options = {
  ref?: string
  from_event?: boolean
  access?: 'read' | 'write'
  write?: string | string[]
  protect?: string | string[]
}

/** `route`: of the repositories that it leads to a run has one, so each of them may be written; those that are not listed come after the others. */
export const lowerRepos = (
  written: Item<'repos'>[] | null,
  mistakes: Mistakes,
  route: Route | null = null,
): RepoUse[] => {
  const repos: RepoUse[] = []
  const leads = route !== null && routePlaces(route).some(({ repo }) => repo !== null)
  const routed = new Map(
    (route ? routePlaces(route) : []).flatMap(({ repo }) => (repo ? [[repo.toLowerCase(), repo]] : [])),
  )
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
    if (!leads && entries.filter(([, options]) => options?.access !== 'read').length > 1)
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
      else if (routed.has(name.toLowerCase())) {
        if (options?.access === 'read')
          mistakes.add({
            code: 'contradiction',
            path: [...here, 'access'],
            message: `The route leads to ${name} to change it; take \`access: read\` out.`,
            found: 'read',
            expected: 'access: write, or no access',
          })
        if (routed.get(name.toLowerCase()) !== name)
          mistakes.add({
            code: 'contradiction',
            path: here,
            at: 'key',
            message: `The route writes it ${routed.get(name.toLowerCase())}; a repository has one spelling.`,
            found: name,
            expected: routed.get(name.toLowerCase())!,
          })
        repos.push(lowerRepo(name, options ?? {}, here, [], mistakes))
        routed.delete(name.toLowerCase())
      } else repos.push(lowerRepo(name, options ?? {}, here, repos, mistakes, leads))
    }
  }
  for (const name of routed.values()) repos.push(lowerRepo(name, {}, ['route'], [], mistakes))
  return repos
}

const lowerRepo = (
  name: string,
  options: Options,
  path: Path,
  earlier: RepoUse[],
  mistakes: Mistakes,
  beside = false,
): RepoUse => {
  const written = earlier.find((repo) => repo.access === 'write')
  const wanted = options.access ?? (options.write || options.protect ? 'write' : null)
  // A run makes one change, and a change is of one repository: what an agent wrote in another one would go nowhere.
  if (beside && wanted === 'write')
    mistakes.add({
      code: 'contradiction',
      path,
      message: `A run changes one repository, and the route chooses it; ${name} can be read (\`access: read\`), or be a place of the route.`,
      found: name,
      expected: 'access: read',
    })
  else if (written && wanted === 'write')
    mistakes.add({
      code: 'contradiction',
      path,
      message: `A run changes one repository, and ${written.name} comes first; ${name} can be read (\`access: read\`).`,
      found: name,
      expected: 'access: read',
    })
  const access = wanted ?? (written || beside ? 'read' : 'write')
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

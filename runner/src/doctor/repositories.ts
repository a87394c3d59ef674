/** Can the repositories of this runner be read from here, with the tokens that are here? */
import { repositoryName } from '@viewportai/core/policy/repository-name'
import { cachedRemotes } from '../git/cache.ts'
import { countBranches } from '../look/repository.ts'
import { fits } from '../policy/pattern.ts'
import { WorkFailed } from '../work/failure.ts'
import { bad, good, known, type Finding } from './finding.ts'

const most = 10
const patienceMs = 20_000

/**
 * Asks each for its branches, twenty seconds at most; nothing is fetched. Those that the policy names without a pattern, and those that the runner has
 * worked on: it does not know of any others. `folders`: of its pairings.
 */
export const repositoryFindings = async (
  folders: readonly string[],
  allowed: readonly string[],
): Promise<Finding[]> => {
  const all = await Promise.all(
    folders.map(async (folder) => {
      const worked = (await cachedRemotes(folder)).filter((url) => isAllowed(url, allowed))
      const urls = [...new Set([...allowed.flatMap(addressOf), ...worked])].slice(0, most)
      return Promise.all(urls.map((url) => repositoryFinding(folder, url)))
    }),
  )
  const found = all.flat()
  return found.length > 0
    ? found
    : [known('repositories', 'none to ask yet: the policy names none by itself, and none was worked on')]
}

const isAllowed = (url: string, allowed: readonly string[]): boolean => {
  const read = repositoryName(url)
  return 'name' in read && fits(read.name, allowed)
}

/** The address of a repository that the policy names; none of a pattern. */
const addressOf = (one: string): string[] => {
  if (one.includes('*')) return []
  return [/^[a-z]+:\/\//.test(one) || one.startsWith('/') ? one : `https://${one}`]
}

const repositoryFinding = async (folder: string, url: string): Promise<Finding> => {
  const what = `repository ${url.replace(/^https:\/\//, '')}`
  try {
    const count = await countBranches(folder, url, AbortSignal.timeout(patienceMs))
    return good(what, `can be read, ${count === 1 ? '1 branch' : `${count} branches`}`)
  } catch (error) {
    if (error instanceof WorkFailed) return bad(what, error.failure.summary, error.failure.check)
    if (!(error instanceof Error)) throw error
    return bad(
      what,
      `did not answer within ${patienceMs / 1_000} seconds`,
      'Check its address and the network of this machine.',
    )
  }
}

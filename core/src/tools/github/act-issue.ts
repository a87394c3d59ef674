/** How is an issue made, once? It carries our marker, and is looked for among the latest ones of our own account. */
import { isAsAsked } from '../as-asked.ts'
import { Ended, ending, looking } from '../ended.ts'
import type { Outside } from '../outside.ts'
import type { Action, Connection, Effect, Receipt } from '../port.ts'
import { askerFor } from './ask.ts'
import { isMarked } from '../hidden-marker.ts'
import { Issue } from './payload.ts'
import { repoPlace } from './place.ts'
import { nextPage, type Ask } from './rest.ts'
import { good } from './went.ts'
import { marked } from '../forge-text.ts'

type Spot = { ask: Ask; repo: string; effect: Effect }
const pagesAtMost = 5

export const createIssue: Action = {
  look: (effect, connection, outside) =>
    looking(async () => {
      const spot = spotOf(effect, connection, outside)
      const there = await mine(spot, connection)
      return there ? { is: 'there', receipt: receiptOf(spot, there) } : { is: 'absent' }
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const spot = spotOf(effect, connection, outside)
      const { ask, repo } = spot
      const { title, body, labels } = wantedOf(effect)
      const made = Issue.parse(
        good(
          await ask('POST', `/repos/${repo}/issues`, {
            body: { title, body: marked(body ?? `Run: ${effect.page}`, effect), labels },
          }),
          `take the issue in ${repo}`,
          'write',
        ),
      )
      const there = Issue.parse(
        good(await ask('GET', `/repos/${repo}/issues/${made.number}`), 'show the issue', 'read'),
      )
      return { is: 'done', receipt: receiptOf(spot, there) }
    }),
}

const spotOf = (effect: Effect, connection: Connection, outside: Outside): Spot => ({
  ask: askerFor(connection, outside),
  repo: repoPlace(effect, connection, effect.target),
  effect,
})

const mine = async ({ ask, repo, effect }: Spot, connection: Connection): Promise<Issue | null> => {
  const { account, settings } = connection
  const by = account === null ? '' : `&creator=${encodeURIComponent(account.name)}`
  let path: string | null = `/repos/${repo}/issues?state=all&sort=created&direction=desc&per_page=100${by}`
  for (let page = 0; path !== null; page++) {
    if (page === pagesAtMost)
      throw new Ended({
        is: 'unsure',
        why: `${repo} has many newer issues of ours, and this one was not among the latest`,
      })
    const came = await ask('GET', path)
    const found = (good(came, `list the issues of ${repo}`, 'read') as unknown[])
      .map((one) => Issue.parse(one))
      .find((one) => isMarked(one.body, effect.intent) && (account === null || String(one.user?.id) === account.id))
    if (found) return found
    path = nextPage(came, settings)
  }
  return null
}

const wantedOf = ({ params }: Effect) => {
  const { title, body, labels = [] } = params as { title: string; body?: string; labels?: string[] }
  return { title, body, labels }
}

const receiptOf = ({ repo, effect }: Spot, issue: Issue): Receipt => {
  const wanted = wantedOf(effect)
  const labels = issue.labels.map(({ name }) => name)
  return {
    id: String(issue.number),
    url: issue.html_url,
    observed: {
      ref: `${repo}#${issue.number}`,
      url: issue.html_url,
      number: issue.number,
      // GitHub leaves out labels that the token may not set, without a word: https://docs.github.com/en/rest/issues/issues#create-an-issue
      ...(wanted.labels.length > 0 && { labels }),
    },
    readBack: isMarked(issue.body, effect.intent) && isAsAsked(wanted, { title: issue.title, labels }),
  }
}

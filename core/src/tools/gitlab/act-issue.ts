/** How is an issue of GitLab made, once? It carries our marker, and is looked for among the latest ones of our own account. */
import { isAsAsked } from '../as-asked.ts'
import { ending, looking, notSeenWhole } from '../ended.ts'
import { marked } from '../forge-text.ts'
import { isMarked } from '../hidden-marker.ts'
import type { Action, Connection, Effect, Receipt } from '../port.ts'
import { askerFor, good, nextPage, projectPath, type Ask, type Came } from './ask.ts'
import { forgeOf } from './place.ts'
import { repoPlace } from '../forge-place.ts'
import { Rest } from './rest.ts'
import { withoutOrders } from './words.ts'

const pagesAtMost = 5

export const createIssue: Action = {
  look: (effect, connection, outside) =>
    looking(async () => {
      const repo = repoPlace(effect, forgeOf(connection), effect.target)
      const there = await mine(askerFor(connection, outside), repo, effect, connection)
      return there ? { is: 'there', receipt: receiptOf(repo, there, effect) } : { is: 'absent' }
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const repo = repoPlace(effect, forgeOf(connection), effect.target)
      const ask = askerFor(connection, outside)
      const { title, body, labels } = wantedOf(effect)
      const wanted = {
        title,
        description: marked(withoutOrders(body ?? `Run: ${effect.page}`), effect),
        labels: labels.join(','),
      }
      const made = Rest.parse(
        good(await ask('POST', `${projectPath(repo)}/issues`, wanted), `take the issue in ${repo}`, 'write'),
      )
      const there = Rest.parse(
        good(await ask('GET', `${projectPath(repo)}/issues/${made.iid}`), 'show the issue', 'read'),
      )
      return { is: 'done', receipt: receiptOf(repo, there, effect) }
    }),
}

const mine = async (ask: Ask, repo: string, { intent }: Effect, { account }: Connection): Promise<Rest | null> => {
  let page: string | null = '1'
  for (let asked = 0; page !== null; asked++) {
    if (asked === pagesAtMost)
      throw notSeenWhole(`${repo} has many newer issues of ours, and this one was not among the latest`)
    const came: Came = await ask(
      'GET',
      `${projectPath(repo)}/issues?scope=created_by_me&state=all&order_by=created_at&sort=desc&per_page=100&page=${page}`,
    )
    const read = Rest.array().safeParse(good(came, `list the issues of ${repo}`, 'read'))
    if (!read.success) throw notSeenWhole('GitLab answered with no list of issues')
    const found = read.data.find(
      (one) => isMarked(one.description, intent) && (account === null || String(one.author?.id) === account.id),
    )
    if (found) return found
    page = nextPage(came)
  }
  return null
}

const wantedOf = ({ params }: Effect) => {
  const { title, body, labels = [] } = params as { title: string; body?: string; labels?: string[] }
  return { title: title.slice(0, 255), body, labels }
}

const receiptOf = (repo: string, { iid, web_url: url, ...there }: Rest, effect: Effect): Receipt => {
  const wanted = wantedOf(effect)
  return {
    id: String(iid),
    url,
    observed: { ref: `${repo}#${iid}`, url, number: iid, ...(wanted.labels.length > 0 && { labels: there.labels }) },
    readBack: isMarked(there.description, effect.intent) && isAsAsked(wanted, there),
  }
}

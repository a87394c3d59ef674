/** How are labels and people set on an issue or pull request? Set again they are the same, and what GitHub did not take is said. */
import { ending, failed, looking } from '../ended.ts'
import type { Outside } from '../outside.ts'
import type { Action, Connection, Effect, Receipt } from '../port.ts'
import { askerFor } from './ask.ts'
import { Issue } from './payload.ts'
import { threadPlace } from './place.ts'
import type { Ask } from './rest.ts'
import { good } from './went.ts'

type Spot = { ask: Ask; repo: string; number: number }
type Kind = {
  /** What is not as it should be, in words; empty: nothing. */
  readonly lacks: (issue: Issue, effect: Effect) => string[]
  readonly set: (spot: Spot, effect: Effect) => Promise<void>
  readonly fix: string
}

const setting = (kind: Kind): Action => ({
  look: (effect, connection, outside) =>
    looking(async () => {
      const spot = spotOf(effect, connection, outside)
      const issue = await read(spot)
      return kind.lacks(issue, effect).length === 0
        ? { is: 'there', receipt: receiptOf(spot, issue) }
        : { is: 'absent' }
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const spot = spotOf(effect, connection, outside)
      await kind.set(spot, effect)
      const issue = await read(spot)
      const left = kind.lacks(issue, effect)
      if (left.length > 0)
        throw failed('not_whole', `GitHub did not take ${left.join(', ')} on ${spot.repo}#${spot.number}.`, kind.fix)
      return { is: 'done', receipt: receiptOf(spot, issue) }
    }),
})

const list = (effect: Effect, name: string): string[] => (effect.params[name] as string[] | undefined) ?? []
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

export const label = setting({
  lacks: ({ labels }, effect) => [
    ...list(effect, 'add')
      .filter((name) => !labels.some((one) => same(one.name, name)))
      .map((name) => `label ${name}`),
    ...list(effect, 'remove')
      .filter((name) => labels.some((one) => same(one.name, name)))
      .map((name) => `taking ${name} away`),
  ],
  async set({ ask, repo, number }, effect) {
    const labels = list(effect, 'add')
    if (labels.length > 0)
      good(
        await ask('POST', `/repos/${repo}/issues/${number}/labels`, { body: { labels } }),
        `label ${repo}#${number}`,
        'write',
      )
    for (const name of list(effect, 'remove')) {
      const came = await ask('DELETE', `/repos/${repo}/issues/${number}/labels/${encodeURIComponent(name)}`)
      if (came.status !== 404) good(came, `take the label ${name} away`, 'write') // 404: it had none
    }
  },
  fix: 'See whether somebody changes them at the same time.',
})

export const assign = setting({
  lacks: ({ assignees }, effect) =>
    list(effect, 'to').filter((name) => !assignees.some((one) => one && same(one.login, name))),
  async set({ ask, repo, number }, effect) {
    good(
      await ask('POST', `/repos/${repo}/issues/${number}/assignees`, { body: { assignees: list(effect, 'to') } }),
      `assign ${repo}#${number}`,
      'write',
    )
  },
  fix: 'GitHub takes only people who can see the repository, ten at most, and says nothing about the others.',
})

const spotOf = (effect: Effect, connection: Connection, outside: Outside): Spot => ({
  ask: askerFor(connection, outside),
  ...threadPlace(effect, connection),
})

const read = async ({ ask, repo, number }: Spot): Promise<Issue> =>
  Issue.parse(good(await ask('GET', `/repos/${repo}/issues/${number}`), `show ${repo}#${number}`, 'read'))

const receiptOf = ({ repo, number }: Spot, issue: Issue): Receipt => ({
  id: `${repo}#${number}`,
  url: issue.html_url,
  observed: {
    ref: `${repo}#${number}`,
    url: issue.html_url,
    labels: issue.labels.map((one) => one.name),
    assignees: issue.assignees.flatMap((one) => (one ? [one.login] : [])),
  },
  readBack: true,
})

/** How is a check reported on the approved commit, once? GitHub keeps our intent with it as `external_id`. Only an App may report checks. */
import { ending, failed, looking } from '../ended.ts'
import type { Outside } from '../outside.ts'
import type { Action, Connection, Effect, Receipt } from '../port.ts'
import { askerFor } from './ask.ts'
import { isOfAnother } from './own-check.ts'
import { repoPlace } from './place.ts'
import { limitIn, type Ask } from './rest.ts'
import { good } from './went.ts'

type Check = {
  id: number
  html_url?: string | null
  external_id?: string | null
  app?: { id?: number } | null
  conclusion?: string | null
  head_sha?: string
  name?: string
}
type Spot = { ask: Ask; repo: string; commit: string; name: string; effect: Effect }

export const reportCheck: Action = {
  look: (effect, connection, outside) =>
    looking(async () => {
      const spot = spotOf(effect, connection, outside)
      const { check_runs: all } = good(
        await spot.ask(
          'GET',
          `/repos/${spot.repo}/commits/${spot.commit}/check-runs?check_name=${encodeURIComponent(spot.name)}&filter=all&per_page=100`,
        ),
        'list the checks',
        'read',
      ) as { check_runs: Check[] }
      // One that another App reports with our name on it is not this effect.
      const there = all.find((one) => one.external_id === effect.intent && !isOfAnother(one, connection.settings))
      if (there) return { is: 'there', receipt: receiptOf(spot, there) }
      return all.length < 100
        ? { is: 'absent' }
        : { is: 'unsure', why: `${spot.repo}@${spot.commit.slice(0, 12)} has a hundred checks of this name or more` }
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const spot = spotOf(effect, connection, outside)
      const { ask, repo, commit, name } = spot
      const came = await ask('POST', `/repos/${repo}/check-runs`, {
        body: {
          name,
          head_sha: commit,
          external_id: effect.intent,
          details_url: effect.page,
          status: 'completed',
          conclusion: wantedOf(effect),
          output: { title: name, summary: String(effect.params['summary'] ?? `Reported by Viewport: ${effect.page}`) },
        },
      })
      if (came.status === 403 && limitIn(came) === null && !connection.settings['app'])
        throw failed(
          'needs_app',
          'GitHub lets only Apps report checks, and this connection has a token.',
          'Connect GitHub as an App.',
        )
      const made = good(came, `take the check on ${commit.slice(0, 12)}`, 'write') as Check
      const there = good(await ask('GET', `/repos/${repo}/check-runs/${made.id}`), 'show the check', 'read') as Check
      return { is: 'done', receipt: receiptOf(spot, there) }
    }),
}

const spotOf = (effect: Effect, connection: Connection, outside: Outside): Spot => {
  if (effect.commit === null)
    throw failed(
      'not_pushed',
      'The change was not pushed, so there is no commit to report on.',
      'Open the pull request before the check is reported.',
    )
  return {
    ask: askerFor(connection, outside),
    repo: repoPlace(effect, connection, String(effect.params['repo'] ?? effect.target)),
    commit: effect.commit,
    name: String(effect.params['name'] ?? 'viewport'),
    effect,
  }
}

const wantedOf = ({ params }: Effect): string => String(params['conclusion'] ?? 'neutral')

const receiptOf = ({ repo, commit, effect }: Spot, check: Check): Receipt => ({
  id: String(check.id),
  url: check.html_url ?? null,
  observed: {
    on: `${repo}@${commit}`,
    url: check.html_url ?? null,
    id: check.id,
    name: check.name ?? null,
    conclusion: check.conclusion ?? null,
  },
  readBack: check.conclusion === wantedOf(effect),
})

/** How is a status put on a commit at GitHub, and a workflow of its Actions run again? */
import type { Outside } from '../outside.ts'
import type { Connection } from '../port.ts'
import { numberSeen } from '../place.ts'
import type { Statuses } from '../statuses.ts'
import { askerFor } from './ask.ts'
import { forgeOf } from './place.ts'
import { good } from './went.ts'

type Status = { id: number; state?: string; context?: string; target_url?: string | null }

export const githubStatuses = (connection: Pick<Connection, 'settings' | 'secrets'>, outside: Outside): Statuses => {
  const ask = askerFor(connection, outside)
  return {
    forge: forgeOf(connection),
    async numberOf(repo) {
      const came = await ask('GET', `/repos/${repo}`)
      return numberSeen(connection.settings, repo, came)
    },
    async find({ repo, commit, name, link }) {
      const all = good(
        await ask('GET', `/repos/${repo}/commits/${commit}/statuses?per_page=100`),
        'list the statuses',
        'read',
      ) as Status[]
      const found = all.find((one) => one.context === name && one.target_url === link)
      return { found: found ? { id: String(found.id), state: found.state ?? null } : null, isWhole: all.length < 100 }
    },
    word: (state) => state,
    async put({ repo, commit, name, link }, { state, text }) {
      const body = { state, context: name, target_url: link, description: text.slice(0, 140) }
      good(
        await ask('POST', `/repos/${repo}/statuses/${commit}`, { body }),
        `take the status on ${commit.slice(0, 12)}`,
        'write',
      )
    },
    async build(repo, id, attempt) {
      const run = good(await ask('GET', `/repos/${repo}/actions/runs/${id}`), `show run ${id} of Actions`, 'read') as {
        run_attempt?: number
        html_url?: string
      }
      return { url: run.html_url ?? null, isAgain: (run.run_attempt ?? 1) > attempt }
    },
    async rerun(repo, id) {
      good(
        await ask('POST', `/repos/${repo}/actions/runs/${id}/rerun-failed-jobs`),
        `run ${id} of Actions again`,
        'write',
      )
    },
  }
}

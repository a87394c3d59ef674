/** How is a status put on a commit at GitLab, and found there? Our link to the run, with the intent in it, is its address. */
import { askerFor, good, projectPath, type Ask } from './ask.ts'
import type { Outside } from '../outside.ts'
import type { Connection } from '../port.ts'
import { numberSeen } from '../place.ts'
import type { State, Statuses } from '../statuses.ts'
import { forgeOf } from './place.ts'
import { URLSearchParams } from '../url.ts'

type Status = { id: number; status?: string; name?: string; target_url?: string | null }

export const gitlabStatuses = (connection: Pick<Connection, 'settings' | 'secrets'>, outside: Outside): Statuses => {
  const ask = askerFor(connection, outside)
  return {
    forge: forgeOf(connection),
    async numberOf(repo) {
      const came = await ask('GET', projectPath(repo))
      return numberSeen(connection.settings, repo, came)
    },
    async find({ repo, commit, name, link }) {
      const query = new URLSearchParams({ name, all: 'true', per_page: '100' })
      const all = good(
        await ask('GET', `${projectPath(repo)}/repository/commits/${commit}/statuses?${query}`),
        'list the statuses',
        'read',
      ) as Status[]
      const found = all.find((one) => one.target_url === link)
      return { found: found ? { id: String(found.id), state: found.status ?? null } : null, isWhole: all.length < 100 }
    },
    word,
    async put({ repo, commit, name, link }, { state, text }) {
      good(
        await ask('POST', `${projectPath(repo)}/statuses/${commit}`, {
          state: word(state),
          name,
          target_url: link,
          description: text.slice(0, 255),
        }),
        `take the status on ${commit.slice(0, 12)}`,
        'write',
      )
    },
    async build(repo, id) {
      const at = `${projectPath(repo)}/pipelines/${id}`
      const one = good(await ask('GET', at), `show pipeline ${id}`, 'read') as { status?: string; web_url?: string }
      const isFailed = one.status === 'failed' || one.status === 'canceled'
      return { url: one.web_url ?? null, isAgain: isFailed ? ((await wasRetried(ask, at)) ? null : false) : true }
    },
    async rerun(repo, id) {
      good(await ask('POST', `${projectPath(repo)}/pipelines/${id}/retry`), `run pipeline ${id} again`, 'write')
    },
  }
}

const word = (state: State): string => (state === 'failure' ? 'failed' : state)

/** Was a job of it run again before? GitLab counts no attempts of a pipeline. */
const wasRetried = async (ask: Ask, at: string): Promise<boolean> => {
  const count = async (more: string): Promise<number> => {
    const came = await ask('GET', `${at}/jobs?per_page=100${more}`)
    return (good(came, 'list the jobs', 'read') as unknown[]).length
  }
  const [all, last] = await Promise.all([count('&include_retried=true'), count('')])
  return all > last
}

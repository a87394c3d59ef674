/** The routes about repositories. */
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import { refRefusal } from '@viewportai/core/policy/ref-name'
import type { Actor } from '@viewportai/core/run/facts'
import type { Context } from '../context.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { freshId } from '../fresh-id.ts'
import type { Answers } from '../http/answers.ts'
import { record } from '../ledger/pending.ts'
import { asPerson } from '../sign-in/asker.ts'
import { repositoryAddress } from './address.ts'
import { removeRepository } from './remove.ts'

type NewRepository = { readonly name: string; readonly url: string; readonly defaultBranch: string }

/** Adds a repository under a name that workflows use. */
export const addRepository = async (
  tx: Tx,
  by: Actor,
  { name, url, defaultBranch }: NewRepository,
): Promise<{ id: string } | Refusal> => {
  const address = repositoryAddress(url)
  if (isRefusal(address)) return address
  const wrong = wrongBranch(defaultBranch)
  if (wrong) return wrong
  if (name.split('/').some((part) => /^\.+$/.test(part)))
    return refuse('invalid', { where: 'body.name', why: 'a part of it is only dots' })
  const id = freshId('repo')
  const { rowCount } = await tx.query(
    'insert into vp.repositories (workspace, repo, name, url, default_branch) values ($1, $2, $3, $4, $5) on conflict (workspace, name) do nothing',
    [tx.workspace, id, name, address, defaultBranch],
  )
  if (rowCount === 0) return refuse('conflict', { what: `The repository ${name}` })
  record(tx, { type: 'repository.added', by, data: { repo: id, name, url: address, defaultBranch } })
  tx.nudge('workflow', '*')
  return { id }
}

const wrongBranch = (name: string): Refusal | null => {
  const why = refRefusal(`refs/heads/${name}`, { ours: false })
  return why === null ? null : refuse('invalid', { where: 'body.defaultBranch', why })
}

type Repository = {
  id: string
  name: string
  url: string
  defaultBranch: string
  atOnce: number | null
  agentSettings: 'off' | 'base'
}
const columns =
  'repo as id, name, url, default_branch as "defaultBranch", at_once as "atOnce", agent_settings as "agentSettings"'
type RepositoryChange = {
  readonly url?: string | undefined
  readonly defaultBranch?: string | undefined
  /** null: any number of pieces of work at once. */
  readonly atOnce?: number | null | undefined
  readonly agentSettings?: 'off' | 'base' | undefined
}

/**
 * Changes address, branch, limit or whether agents may load its settings. Runs that have started hold all but the limit in their spec and keep
 * it; the limit holds from the next lease on. Another address is another repository: what was said about the settings of the old one is off then,
 * unless it is said anew in the same breath.
 */
export const changeRepository = async (
  tx: Tx,
  by: Actor,
  id: string,
  { url, defaultBranch, atOnce, agentSettings }: RepositoryChange,
): Promise<Repository | Refusal> => {
  const address = url === undefined ? null : repositoryAddress(url)
  if (isRefusal(address)) return address
  const wrong = defaultBranch === undefined ? null : wrongBranch(defaultBranch)
  if (wrong) return wrong
  const { rows } = await tx.query<Repository>(
    `update vp.repositories set url = coalesce($3, url), default_branch = coalesce($4, default_branch), at_once = case when $5 then $6 else at_once end,
       agent_settings = coalesce($7, case when $3 is null or $3 = url then agent_settings else 'off' end)
     where workspace = $1 and repo = $2 returning ${columns}`,
    [tx.workspace, id, address, defaultBranch ?? null, atOnce !== undefined, atOnce ?? null, agentSettings ?? null],
  )
  const now = rows[0]
  if (!now) return refuse('not_found', { what: 'repository', id })
  const { id: repo, ...rest } = now
  record(tx, { type: 'repository.changed', by, data: { repo, ...rest } })
  tx.nudge('workflow', '*')
  if (atOnce !== undefined) tx.nudge('work', '*')
  return now
}

export const repositoryAnswers = ({
  db,
}: Context): Pick<Answers, 'repositories' | 'addRepository' | 'changeRepository' | 'removeRepository'> => ({
  repositories: ({ asker }) =>
    inWorkspace(db, asker.workspace, async (tx) => ({
      repositories: (
        await tx.query<Repository>(`select ${columns} from vp.repositories where workspace = $1 order by name`, [
          tx.workspace,
        ])
      ).rows,
    })),
  addRepository: ({ asker, body }) =>
    inWorkspace(db, asker.workspace, (tx) => addRepository(tx, asPerson(asker), body)),
  changeRepository: ({ asker, params, body }) =>
    inWorkspace(db, asker.workspace, (tx) => changeRepository(tx, asPerson(asker), params.repository, body)),
  removeRepository: async ({ asker, params }) =>
    (await inWorkspace(db, asker.workspace, (tx) => removeRepository(tx, asPerson(asker), params.repository))) ??
    undefined,
})

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

export type NewRepository = { readonly name: string; readonly url: string; readonly defaultBranch: string }

/** Adds a repository under a name that workflows use. */
export const addRepository = async (
  tx: Tx,
  by: Actor,
  { name, url, defaultBranch }: NewRepository,
): Promise<{ id: string } | Refusal> => {
  const address = repositoryAddress(url)
  if (isRefusal(address)) return address
  const wrong = refRefusal(`refs/heads/${defaultBranch}`, { ours: false })
  if (wrong !== null) return refuse('invalid', { where: 'body.defaultBranch', why: wrong })
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

export const repositoryAnswers = ({ db }: Context): Pick<Answers, 'repositories' | 'addRepository'> => ({
  repositories: ({ asker }) =>
    inWorkspace(db, asker.workspace, async (tx) => ({
      repositories: (
        await tx.query<{ id: string; name: string; url: string; defaultBranch: string }>(
          'select repo as id, name, url, default_branch as "defaultBranch" from vp.repositories where workspace = $1 order by name',
          [tx.workspace],
        )
      ).rows,
    })),
  addRepository: ({ asker, body }) =>
    inWorkspace(db, asker.workspace, (tx) => addRepository(tx, asPerson(asker), body)),
})

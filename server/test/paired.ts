/** A runner in the rows of a workspace, as pairing leaves it: for tests that need one to be there and do no work. */
import { randomBytes } from 'node:crypto'
import type { Database } from '../src/database/open.ts'
import { inWorkspace } from '../src/database/tenant.ts'
import { freshId } from '../src/fresh-id.ts'
import { capabilities } from '../src/wire/testing/known-runner.ts'

/** Adds it, online. */
export const pairedRunner = async (
  db: Database,
  workspace: string,
  {
    name = 'laptop',
    pool = 'local',
    owner = null as string | null,
    has = capabilities(),
    online = true,
    repositories = ['acme/shop'],
  } = {},
): Promise<string> => {
  const runner = freshId('rnr')
  await inWorkspace(db, workspace, (tx) =>
    tx.query(
      `insert into vp.runners (workspace, runner, name, pool, key, thumbprint, words, capabilities, repositories, owner, online, seen_at, paired_by) values ($1, $2, $3, $4, '{}', $5, '{a,b,c}', $6, $9, $7, $8, vp.now_ms() + 86400000, 'usr_x')`,
      [
        workspace,
        runner,
        name,
        pool,
        randomBytes(16).toString('hex'),
        JSON.stringify(has),
        owner,
        online,
        repositories,
      ],
    ),
  )
  return runner
}

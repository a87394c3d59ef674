/** A runner in the rows of a workspace, as pairing leaves it: for tests that need one to be there and do no work. */
import { randomBytes } from 'node:crypto'
import type { z } from 'zod'
import type { Capabilities } from '@viewportai/core/wire/messages'
import type { Database } from '../src/database/open.ts'
import { inWorkspace } from '../src/database/tenant.ts'
import { freshId } from '../src/fresh-id.ts'

type Has = z.infer<typeof Capabilities>

export const capabilities = (over: Partial<Has> = {}): Has => ({
  vpd: '0.1.0',
  os: 'linux',
  arch: 'x64',
  host: 'laptop',
  agents: [
    {
      name: 'sample',
      version: '1',
      path: null,
      usable: true,
      tested: true,
      modes: ['plan', 'read', 'edit', 'review'],
      note: null,
    },
  ],
  tools: [{ name: 'node', version: '24.0.0' }],
  isolation: { level: 'none', processes: 'sweep', modelGateway: false, gitGateway: true, network: 'open' },
  slots: 4,
  labels: [],
  mode: 'persistent',
  transport: 'polling',
  ...over,
})

/** Adds it, online. */
export const pairedRunner = async (
  db: Database,
  workspace: string,
  { name = 'laptop', pool = 'local', owner = null as string | null, has = capabilities(), online = true } = {},
): Promise<string> => {
  const runner = freshId('rnr')
  await inWorkspace(db, workspace, (tx) =>
    tx.query(
      `insert into vp.runners (workspace, runner, name, pool, key, thumbprint, words, capabilities, repositories, owner, online, seen_at, paired_by) values ($1, $2, $3, $4, '{}', $5, '{a,b,c}', $6, '{acme/shop}', $7, $8, vp.now_ms() + 86400000, 'usr_x')`,
      [workspace, runner, name, pool, randomBytes(16).toString('hex'), JSON.stringify(has), owner, online],
    ),
  )
  return runner
}

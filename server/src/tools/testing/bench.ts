/** What tests of a connected tool do with a whole control plane: wait for deliveries, ask the tool now, approve a run, let the program die. Only tests import it. */
import { expect, vi, type MockInstance } from 'vitest'
import { planned } from '@viewportai/core/run/testing/play'
import { pairedRunner } from '../../../test/paired.ts'
import type { testPlane, TestPerson, TestWorkspace } from '../../../test/plane.ts'
import { Story } from '../../../test/story.ts'
import { inWorkspace } from '../../database/tenant.ts'
import { NoWholeAnswer, type Asked, type Outside } from '@viewportai/core/tools/outside'

type Db = Awaited<ReturnType<typeof testPlane>>['plane']['context']['db']

/** A delivery as it stands in the database. */
export type Settled = {
  readonly delivery: string
  readonly id: string
  readonly state: string
  readonly verdict: string
  readonly runs: string[]
  // eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
  readonly event: any
}

/** A workspace with a lead, a member `sam` of this account, a runner, the repository acme/shop, and these workflows enabled. `connect` is called before they are saved. */
export const readied = async (
  db: Db,
  of: TestWorkspace,
  {
    account,
    connect,
    workflows,
    url = 'https://git.acme.dev/acme/shop.git',
  }: { account: string; connect: () => Promise<void>; workflows: readonly string[]; url?: string },
): Promise<{ lead: TestPerson; sam: TestPerson }> => {
  const lead = await of.person('lead', { teams: ['payments'] })
  const sam = await of.person('sam', { teams: ['payments'] })
  expect((await of.admin.post(`/api/people/${sam.id}/accounts`, { account, name: 'Sam' })).status).toBe(204)
  await pairedRunner(db, of.id)
  await of.admin.post('/api/repositories', { name: 'acme/shop', url, defaultBranch: 'trunk' })
  await connect()
  for (const source of workflows) {
    const saved = await of.admin.post('/api/workflows', { source })
    expect(saved.body.missing ?? saved.body).toEqual([])
    expect((await of.admin.put(`/api/workflows/${saved.body.name}/enabled`, { enabled: true })).body.enabled).toBe(true)
  }
  return { lead, sam }
}

/** The body of a row of vp.deliveries as text, wherever it is kept; $1 is the workspace. */
export const bodyText = `convert_from(coalesce(own_body, (select b.body from vp.delivery_bodies b where b.workspace = $1 and b.source = deliveries.source and b.digest = body_digest)), 'UTF8')`

/** All deliveries of a workspace whose body holds `words`, once there are `count` and each was worked on. */
export const settledWith = (db: Db, workspace: string, words: string, count: number): Promise<Settled[]> =>
  vi.waitFor(
    async () => {
      const { rows } = await inWorkspace(db, workspace, (tx) =>
        tx.query<Settled>(
          `select delivery, provider_id as id, state, verdict, runs, trigger_event as event from vp.deliveries where workspace = $1 and ${bodyText} like $2 order by received_at, delivery`,
          [workspace, `%${words}%`],
        ),
      )
      expect(rows.length).toBeGreaterThanOrEqual(count)
      expect(rows.filter((one) => one.state === 'stored')).toEqual([])
      return rows
    },
    { timeout: 30_000, interval: 50 },
  )

/** The tools of a workspace are asked now, and not in half a minute; none may have a problem. */
export const askNow = async (db: Db, workspace: string): Promise<void> => {
  await inWorkspace(db, workspace, (tx) =>
    tx.query('update vp.polls set next_at = 0 where workspace = $1', [workspace]),
  )
  await vi.waitFor(
    async () => {
      const { rows } = await inWorkspace(db, workspace, (tx) =>
        tx.query<{ asked: boolean; problem: string | null }>(
          'select next_at > 0 as asked, problem from vp.polls where workspace = $1',
          [workspace],
        ),
      )
      expect(rows.length).toBeGreaterThan(0)
      for (const row of rows) expect(row).toEqual({ asked: true, problem: null })
    },
    { timeout: 20_000, interval: 50 },
  )
}

/** A run whose step `plan` is done and approved by `lead`; it goes on by itself. */
export const approved = async (db: Db, workspace: string, run: string, lead: TestPerson): Promise<Story> => {
  const story = await (await new Story(db, workspace, run).letGo()).finishes('plan', planned)
  const gate = await story.gate()
  const { status } = await lead.post(`/api/gates/${gate.id}/decisions`, { verdict: 'approve', digest: gate.digest })
  expect(status).toBe(201)
  return story
}

/** Waits for the run's good end. */
export const succeeded = (story: Story): Promise<void> =>
  vi.waitFor(async () => expect((await story.state()).finished?.outcome).toBe('succeeded'), {
    timeout: 50_000,
    interval: 100,
  })

/** The next request that `isIt` breaks off, as if the program died; with `happens` it was done before. `died`: whether it came. */
export const dying = (
  outside: Outside,
  isIt: (asked: Asked) => boolean,
  happens: boolean,
): { readonly spy: MockInstance; died(): boolean } => {
  const ask = outside.ask
  let died = false
  const spy = vi.spyOn(outside, 'ask').mockImplementation(async (asked) => {
    if (died || !isIt(asked)) return ask(asked)
    died = true
    if (happens) await ask(asked)
    throw new NoWholeAnswer('the program died')
  })
  return { spy, died: () => died }
}

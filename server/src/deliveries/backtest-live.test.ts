/**
 * Does a backtest say what really happened?
 * Random comments, issues with labels, ends of runs and hours that pass go through the real door; then the same text is played over what came in. As the
 * version in force, of which it is known what came; as that version where nothing is known; and as a draft.
 */
import { expect, test, vi } from 'vitest'
import { pairedRunner } from '../../test/paired.ts'
import { testPlane } from '../../test/plane.ts'
import { Story } from '../../test/story.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { emulatedGitHub, tokens } from '../tools/github/testing/emulated.ts'
import { sendSigned } from '../tools/github/testing/signed.ts'

const hub = await emulatedGitHub()
const { plane, workspace } = await testPlane({ nearHosts: ['localhost', '127.0.0.1'] })
const { db } = plane.context
const secret = 'a-secret-of-this-test-alone'
const { host } = new URL(hub.url)
let count = 0

const fileWith = (rules: string): string =>
  `name: answer\nteam: payments\ntrigger:\n  github: { event: [issue_comment, issue_opened, issue_labeled] }\nrepos: [{ acme/shop: { access: read } }]\n${rules}\nsteps: [{ id: read, agent: sample, mode: read, prompt: Look }]\n`

const ready = async (rules: string) => {
  const of = await workspace(`l${++count}`, ['payments'])
  await of.person(`lead${count}`, { teams: ['payments'] })
  const sam = await of.person(`sam${count}`, { teams: ['payments'] })
  await of.admin.post(`/api/people/${sam.id}/accounts`, { account: `github:${host}/${hub.ids.sam}`, name: 'sam' })
  await pairedRunner(db, of.id)
  const url = `https://${host}/acme/shop.git`
  await of.admin.post('/api/repositories', { name: 'acme/shop', url, defaultBranch: 'main' })
  const values = { base: hub.url, token: tokens.us, webhook_secret: secret }
  const made = await of.admin.post('/api/connections', { tool: 'github', name: 'github', values })
  const saved = await of.admin.post('/api/workflows', { source: fileWith(rules) })
  expect(saved.body.missing ?? saved.body.errors ?? saved.body).toEqual([])
  await of.admin.put('/api/workflows/answer/enabled', { enabled: true })
  return { of, url: made.body.connection.url as string }
}
type Here = Awaited<ReturnType<typeof ready>>

const rows = <T extends object>({ of }: Here, text: string, ...more: unknown[]) =>
  inWorkspace(db, of.id, async (tx: Tx) => (await tx.query<T>(text, [of.id, ...more])).rows)

/** Everything that came was decided on, and whose turn has come has begun. */
const settled = (here: Here): Promise<void> =>
  vi.waitFor(
    async () =>
      expect(
        await rows(
          here,
          `select delivery from vp.deliveries where workspace = $1 and state = 'stored'
           union all select q.delivery from vp.queued_starts q join vp.workflow_versions v on v.workspace = $1 and v.workflow = q.workflow and v.version = q.version
            where q.workspace = $1 and (select count(*) from vp.runs r where r.workspace = $1 and r.slot = q.slot and r.finished_at is null) < (v.compiled #>> '{concurrency,limit}')::int`,
        ),
      ).toEqual([]),
    { timeout: 20_000, interval: 20 },
  )

const tells = async ({ url }: Here, event: string, action: string, number: number, more: object = {}): Promise<void> =>
  void (await sendSigned(url, secret, event, {
    action,
    issue: await hub.ask('GET', `/repos/acme/shop/issues/${number}`),
    repository: await hub.ask('GET', '/repos/acme/shop'),
    sender: (await hub.ask('GET', `/repos/acme/shop/issues/${number}`)).user,
    ...more,
  }))
const comments = async (here: Here, number: number): Promise<void> => {
  const comment = await hub.ask('POST', `/repos/acme/shop/issues/${number}/comments`, { body: 'Look' }, tokens.sam)
  await tells(here, 'issue_comment', 'created', number, { comment, sender: comment.user })
}
/** An issue that is made with a label: told in two events, of which one starts. */
const makes = async (here: Here): Promise<number> => {
  const { number } = await hub.ask('POST', '/repos/acme/shop/issues', { title: 'A bug', body: 'x' }, tokens.sam)
  await hub.ask('POST', `/repos/acme/shop/issues/${number}/labels`, { labels: ['bug'] }, tokens.sam)
  await tells(here, 'issues', 'opened', number)
  await tells(here, 'issues', 'labeled', number, { label: { id: 1, name: 'bug' } })
  return number
}

/** So many minutes pass: all that was is that much longer ago. A run keeps its moments in its state, too. */
const pass = async ({ of }: Here, minutes: number): Promise<void> => {
  const by = minutes * 60_000
  await inWorkspace(db, of.id, async (tx) => {
    for (const [table, columns] of [
      ['deliveries', ['received_at', 'processed_at']],
      ['starts', ['at']],
      ['breakers', ['until']],
      ['gates', ['opened_at', 'closed_at']],
      ['runs', ['started_at', 'updated_at', 'finished_at']],
    ] as const)
      await tx.query(
        `update vp.${table} set ${columns.map((column) => `${column} = ${column} - $2`).join(', ')} where workspace = $1`,
        [of.id, by],
      )
    await tx.query(
      `update vp.runs set state = jsonb_set(state::jsonb, '{startedAt}', to_jsonb((state ->> 'startedAt')::bigint - $2))::json where workspace = $1`,
      [of.id, by],
    )
  })
}

/** What became of each delivery, by its own words and runs, oldest first. */
const became = async (here: Here): Promise<Record<string, string>> => {
  const all = await rows<{ delivery: string; verdict: string; runs: string[] }>(
    here,
    'select delivery, verdict, runs from vp.deliveries where workspace = $1 order by received_at, delivery',
  )
  return Object.fromEntries(
    await Promise.all(
      all.map(async ({ delivery, verdict, runs }) => [
        delivery,
        runs[0] !== undefined
          ? (await new Story(db, here.of.id, runs[0]).state()).held
            ? 'held'
            : 'starts'
          : (words.find(([said]) => verdict.includes(said))?.[1] ?? verdict),
      ]),
    ),
  )
}
const words: readonly (readonly [string, string])[] = [
  ['was not started again', 'duplicate'],
  ['waits for its turn', 'waits'],
  ['was skipped', 'skipped'],
  ['it rests until', 'rests'],
  ['did not start', 'dropped'],
]

/** The same numbers for the same seed. */
const dice = (seed: number) => {
  let state = seed
  return (sides: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const playsLive = async (here: Here, seed: number, steps: number): Promise<void> => {
  const roll = dice(seed)
  const issues = [await makes(here)]
  const running = (held: boolean) =>
    rows<{ run: string; number: number }>(
      here,
      `select run, number from vp.runs where workspace = $1 and finished_at is null and (waiting = 'breaker') is ${held ? '' : 'not '}true order by number`,
    )
  for (let n = 0; n < steps; n++) {
    await settled(here)
    const number = issues[roll(issues.length)]!
    const what = roll(10)
    if (what < 4) await comments(here, number)
    else if (what === 4) await Promise.all([comments(here, number), comments(here, issues[0]!), comments(here, number)])
    else if (what === 5) issues.push(await makes(here))
    else if (what < 8) {
      const all = await running(false)
      const one = all[roll(Math.max(1, all.length))]
      if (one) await here.of.admin.post(`/api/runs/${one.number}/cancellation`, { reason: 'enough' })
    } else if (what === 8) {
      const [one] = await running(true)
      if (one) await new Story(db, here.of.id, one.run).letGo()
    } else await pass(here, 7 * (1 + roll(7)))
  }
  await settled(here)
}

const outcomesOf = async ({ of }: Here, source: string) => {
  const { body } = await of.admin.post('/api/backtests', { source, limit: 10_000 })
  const by = (side: 'draft' | 'current'): Record<string, string> =>
    Object.fromEntries(
      body.rows
        .map((row: Record<string, string>) => [row['delivery'], row[side]])
        .toSorted(([a]: string[], [b]: string[]) => (a! < b! ? -1 : 1)),
    )
  return { body, draft: by('draft'), current: by('current') }
}
const sorted = (all: Record<string, string>) =>
  Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)))

const cases = (['skip', 'queue', 'replace'] as const).flatMap((whenFull) =>
  ([1, 2] as const).map((limit) => ({ whenFull, limit })),
)
const seeds = process.env['VIEWPORT_SEED'] ? [Number(process.env['VIEWPORT_SEED'])] : [1, 2]

const seen = new Set<string>()
for (const { whenFull, limit } of cases)
  for (const seed of seeds)
    test(
      `${limit} at once, ${whenFull}: what came is what is told and what is played (seed ${seed})`,
      { timeout: 120_000 },
      async () => {
        const key = seed % 2 === 0 ? 'key: "{{ trigger.number }}", ' : 'key: all, '
        const rules = `concurrency: { ${key}limit: ${limit}, when_full: ${whenFull} }\nbreaker: { starts: 3, within: 1h, cooldown: 1h }`
        const here = await ready(rules)
        await playsLive(here, seed * 100 + limit, 24)
        const live = sorted(await became(here))
        for (const outcome of Object.values(live)) seen.add(outcome)
        const { body, draft, current } = await outcomesOf(here, fileWith(rules))
        expect(current).toEqual(live)
        expect(draft).toEqual(live)
        expect(body.assumed.known).toBe(Object.keys(live).length)
        const counts = (outcome: string): number => Object.values(live).filter((one) => one === outcome).length
        for (const side of [body.draft, body.current])
          expect(side).toEqual(Object.fromEntries(Object.keys(side).map((name) => [name, counts(name)])))
        // Who was asked: a breaker's question for each run that it held.
        const asked = await rows<{ name: string; times: number }>(
          here,
          `select name, count(*)::int as times from vp.gates where workspace = $1 and name = 'breaker' group by name`,
        )
        expect(
          body.asked.flatMap((one: { gate: string; times: number; current: number }) =>
            one.gate === 'breaker' ? [{ name: one.gate, times: one.times }] : [],
          ),
        ).toEqual(asked)
        // Where it was not kept what came, runs alone tell, and the others are played.
        await rows(here, 'update vp.deliveries set became = null where workspace = $1')
        expect((await outcomesOf(here, fileWith(rules))).current).toEqual(live)
      },
    )

test('all that can come of a start came', () =>
  expect([...seen].toSorted()).toEqual(['dropped', 'duplicate', 'held', 'rests', 'skipped', 'starts', 'waits']))

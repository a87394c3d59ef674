/** What a watch of an open pull request holds at every forge: told by asking, told by webhooks, a draft first. */
import { describe, expect, test, vi } from 'vitest'
import { checks, edited, planned, specOf } from '@viewportai/core/run/testing/play'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { pairedRunner } from '../../../test/paired.ts'
import { testPlane } from '../../../test/plane.ts'
import { Story, toChangeGate } from '../../../test/story.ts'
import { inWorkspace } from '../../database/tenant.ts'

export type WatchedForge = {
  readonly tool: string
  /** The action that opens. */
  readonly open: string
  /** It says who closed one without merging it. */
  readonly tellsCloser: boolean
  /** The account of Sam, as people are linked to it. */
  readonly sam: string
  /** What is filled in to connect it, with this secret of its webhooks. */
  values(secret: string): Record<string, string>
  /** The setting by which a connection is set to acme/shop. */
  readonly named: Readonly<Record<string, string>>
  /** From now on the forge sends its webhooks there. */
  hook(url: string, secret: string): Promise<void>
  /** A branch with a commit of its own; the commit. */
  branch(name: string): Promise<string>
  /** Somebody else brings another commit to the branch of what is open; the commit. */
  push(name: string, number: number): Promise<string>
  /** Sam asks for changes, with a comment on two lines of src/price.js and these words. */
  review(number: number, words: string): Promise<void>
  /** A stranger says something in a review, where the forge lets them. */
  stranger(number: number): Promise<void>
  /** A check of the commit ends, or one of this name ends again. `says`: in the words of the repository's own CI, where that tells any. */
  check(commit: string, name: string, outcome: 'passed' | 'failed', says?: string): Promise<void>
  approve(number: number): Promise<void>
  /** Sam takes back what was approved last. */
  takeBack(number: number): Promise<void>
  merge(number: number): Promise<void>
  close(number: number): Promise<void>
  /** Somebody takes the merge back; the commit. */
  revert(number: number, merge: string): Promise<string>
  /** The forge sends its webhook about that push, where its emulator does not do that by itself. */
  tellsPush(url: string, secret: string, commit: string): Promise<void>
}

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

/** Runs whose pull request is open at the forge, and how they are looked into. */
export const watchBench = async (forge: WatchedForge) => {
  const { plane, workspace } = await testPlane({ nearHosts: ['localhost', '127.0.0.1'] })
  const { db } = plane.context
  let count = 0

  const connect = async ({ admin }: Awaited<ReturnType<typeof workspace>>, name: string, more: object = {}) => {
    const made = await admin.post('/api/connections', {
      tool: forge.tool,
      name,
      values: { ...forge.values(secret), ...more },
    })
    expect(made.status, JSON.stringify(made.body)).toBe(201)
    return made
  }
  /** A run whose pull request is open, or stands as a draft. jess is Sam at the forge. */
  const opened = async ({ draft = false } = {}) => {
    const of = await workspace(`w${++count}`, ['payments'])
    const jess = await of.person(`jess${count}`, { teams: ['payments'] })
    await of.admin.post(`/api/people/${jess.id}/accounts`, { account: forge.sam, name: 'sam' })
    await pairedRunner(db, of.id)
    const made = await connect(of, forge.tool)
    const read = compileWorkflow(
      `name: mend\nteam: payments\nrepos: [acme/shop]\ntrigger: manual\nactions: [{ ${forge.open}: { draft: ${draft} } }]\n`,
    )
    if (!read.ok) throw new Error(JSON.stringify(read.errors))
    const spec = specOf(read.compiled)
    const branch = `vp/bug-${count}`
    const story = await new Story(db, of.id).start({
      ...spec,
      branch: `refs/heads/${branch}`,
      pins: { ...spec.pins, repos: [{ ...spec.pins.repos[0]!, url: 'file:///srv/git/acme/shop.git' }] },
    })
    await story.finishes('plan', planned)
    await story.vote('jess', 'approve')
    await toChangeGate(story).catch(() => undefined)
    if (!draft) await story.vote('dana', 'approve')
    const commit = await forge.branch(branch)
    await story.pushed(commit)
    const open = { of, jess, story, commit, branch, url: made.body.connection.url as string }
    await vi.waitFor(async () => expect((await story.state()).pull?.state).toBe('open'), {
      timeout: 20_000,
      interval: 50,
    })
    const { pull } = await story.state()
    return { ...open, pull: pull!, number: Number(pull!.ref.split(/[#!]/)[1]) }
  }
  type Open = Awaited<ReturnType<typeof opened>>

  /** The agent has made another version, and it was approved and pushed. */
  const makesAnother = async ({ story, branch }: Open, text: string): Promise<string> => {
    await story.finishes('implement', edited(text))
    await story.finishes('verify', checks(true))
    await story.vote('dana', 'approve')
    const commit = await forge.branch(branch)
    await story.pushed(commit)
    return commit
  }
  const becomes = (open: Open, check: (state: Awaited<ReturnType<Story['state']>>) => void, timeout = 15_000) =>
    vi.waitFor(async () => check(await open.story.state()), { timeout, interval: 50 })
  /** Looks now, and not in a minute. */
  const lookNow = ({ of }: Open) =>
    inWorkspace(db, of.id, (tx) => tx.query('update vp.watches set next_at = 0 where workspace = $1', [of.id]))
  const watch = async ({ of }: Open) =>
    (
      await inWorkspace(db, of.id, (tx) =>
        tx.query<{ seen_at: number | null; problem: string | null; state: string }>(
          'select seen_at, problem, state from vp.watches where workspace = $1',
          [of.id],
        ),
      )
    ).rows[0]
  const looked = async (open: Open, times = 1): Promise<void> => {
    for (let n = 0; n < times; n++) {
      const before = (await watch(open))!.seen_at
      await lookNow(open)
      await vi.waitFor(async () => expect((await watch(open))!.seen_at).not.toBe(before), { timeout: 10_000 })
    }
  }
  const factsOf = async ({ of, story }: Open, type: string) =>
    (
      await inWorkspace(db, of.id, (tx) =>
        tx.query<{ text: string }>(
          'select text from vp.facts where workspace = $1 and run = $2 and type = $3 order by seq',
          [of.id, story.run, type],
        ),
      )
    ).rows.map((row) => JSON.parse(row.text).data)
  const knownPlaces = async ({ of }: Open) =>
    (
      await inWorkspace(db, of.id, (tx) =>
        tx.query<{ places: object }>('select places from vp.connections where workspace = $1', [of.id]),
      )
    ).rows[0]!.places
  return { db, connect, knownPlaces, opened, makesAnother, becomes, lookNow, watch, looked, factsOf }
}
export type WatchBench = Awaited<ReturnType<typeof watchBench>>

export const watchContract = (
  forge: WatchedForge,
  { db, connect, knownPlaces, opened, becomes, lookNow, watch, looked, factsOf }: WatchBench,
): void => {
  describe(`by asking ${forge.tool} regularly`, () => {
    test(
      'a review of a mapped person sends the step back with all its comments; a stranger is shown',
      { timeout: 60_000 },
      async () => {
        const open = await opened()
        expect((await open.story.state()).finished?.outcome).toBe('succeeded')
        // Nothing was told or asked of this connection: from its receipt on the name means that repository.
        expect(await knownPlaces(open)).toEqual({ 'acme/shop': expect.stringMatching(/^\d+$/) })
        await forge.stranger(open.number)
        await forge.review(open.number, 'Please round up.')
        await lookNow(open)
        await becomes(open, (state) => expect(state.steps['implement']!.round).toBe(2))
        const state = await open.story.state()
        expect(state.finished).toBeNull()
        const { feedback } = state.steps['implement']!
        expect(new Set(feedback.map(({ from, kind }) => `${kind} ${from}`))).toEqual(
          new Set([`comment @${open.jess.handle}`]),
        )
        expect(feedback.map(({ text }) => text)).toContain('Please round up.')
        expect(feedback.flatMap(({ lines }) => lines)).toEqual([
          { path: 'src/price.js', line: 1, side: 'new', text: 'Here.' },
          { path: 'src/price.js', line: 2, side: 'new', text: 'And here.' },
        ])
        const { seq } = state
        await looked(open, 3)
        expect((await open.story.state()).seq).toBe(seq)
        expect(await factsOf(open, 'review.heard')).toMatchObject(
          expect.arrayContaining([expect.objectContaining({ person: open.jess.id, acted: true })]),
        )
      },
    )
    test(
      'failed checks of the head come back once; a merge is a fact with who did it',
      { timeout: 60_000 },
      async () => {
        const open = await opened()
        await forge.check(open.commit, 'unit', 'failed', 'got 4')
        await forge.check(open.commit, 'lint', 'passed')
        await lookNow(open)
        await becomes(open, (state) => expect(state.steps['implement']!.round).toBe(2))
        expect((await open.story.state()).pull!.checks).toMatchObject({
          head: open.commit,
          outcome: 'failed',
          total: 2,
          failed: ['unit'],
        })
        await forge.merge(open.number)
        await lookNow(open)
        await becomes(open, (state) => expect(state.finished?.outcome).toBe('succeeded'))
        expect(await factsOf(open, 'pull.merged')).toMatchObject([{ ref: open.pull.ref, name: `@${open.jess.handle}` }])
        const revert = await forge.revert(open.number, (await open.story.state()).pull!.commit!)
        await lookNow(open)
        await becomes(open, (state) => expect(state.pull!.reverted?.commit).toBe(revert))
        expect(await watch(open)).toBeUndefined()
      },
    )
    test(
      'what somebody else pushed and merged between two looks is told as approved by nobody here',
      { timeout: 60_000 },
      async () => {
        const open = await opened()
        await vi.waitFor(async () => expect((await watch(open))!.seen_at).not.toBeNull(), { timeout: 10_000 })
        const foreign = await forge.push(open.branch, open.number)
        await forge.merge(open.number)
        await lookNow(open)
        await becomes(open, (state) => expect(state.pull!.state).toBe('merged'))
        expect((await open.story.state()).pull!.unapproved).toEqual({ head: foreign, why: 'foreign' })
        expect(await factsOf(open, 'pull.moved')).toMatchObject([{ head: foreign }])
        expect(await factsOf(open, 'pull.merged')).toMatchObject([{ head: foreign, unapproved: 'foreign' }])
      },
    )
    test(
      'a check of one head that fails, passes and fails again is red, and came back once',
      { timeout: 60_000 },
      async () => {
        const open = await opened()
        for (const outcome of ['failed', 'passed', 'failed'] as const) {
          await forge.check(open.commit, 'unit', outcome)
          await lookNow(open)
          await becomes(open, (state) => expect(state.pull!.checks?.outcome).toBe(outcome))
        }
        expect((await open.story.state()).steps['implement']!.round).toBe(2)
        expect((await factsOf(open, 'checks.heard')).map(({ acted }) => acted)).toEqual([true, false, false])
      },
    )
    test(
      'another connection to the tool is made while it is watched: a merge is heard',
      { timeout: 60_000 },
      async () => {
        const open = await opened()
        expect(Object.values((await open.story.state()).intents).at(-1)!.through).toMatchObject({ name: forge.tool })
        // It names the repository, which the first one only knows from its receipt.
        await connect(open.of, 'second', forge.named)
        await forge.merge(open.number)
        await lookNow(open)
        await becomes(open, (state) => expect(state.pull!.state).toBe('merged'))
      },
    )
    test(
      'its connection is removed: that is said, and made again it is watched on, at the same server alone',
      { timeout: 60_000 },
      async () => {
        const open = await opened()
        const [one] = (await open.of.admin.get('/api/connections')).body.connections
        const remove = (how = '') => open.of.admin.del(`/api/connections/${one.id}${how}`)
        expect(await remove()).toMatchObject({
          status: 409,
          body: { detail: expect.stringMatching(/is used by run \d+\./) },
        })
        expect((await remove('?confirmed=true')).status).toBe(204)
        await lookNow(open)
        await vi.waitFor(async () => expect((await watch(open))!.problem).toContain('which was removed'), {
          timeout: 10_000,
        })
        await connect(open.of, 'again')
        await forge.merge(open.number)
        await lookNow(open)
        await becomes(open, (state) => expect(state.pull!.state).toBe('merged'))
      },
    )
    test('what cannot be asked is put off and says why; the run does not suffer', { timeout: 60_000 }, async () => {
      const open = await opened()
      await inWorkspace(db, open.of.id, (tx) =>
        tx.query(`update vp.connections set settings = '{"base":"http://127.0.0.1:9"}' where workspace = $1`, [
          open.of.id,
        ]),
      )
      await lookNow(open)
      await vi.waitFor(async () => expect((await watch(open))!.problem).toBeTruthy(), { timeout: 10_000 })
      expect((await open.story.state()).finished?.outcome).toBe('succeeded')
    })
  })

  test(
    `${forge.tool} tells by webhooks: a review, a check and a closing are looked for at once`,
    { timeout: 90_000 },
    async () => {
      const open = await opened()
      await forge.hook(open.url, secret)
      await vi.waitFor(async () => expect((await watch(open))!.seen_at).not.toBeNull(), { timeout: 10_000 })
      await forge.review(open.number, 'Please round up.')
      await becomes(open, (state) => expect(state.steps['implement']!.round).toBe(2), 30_000)
      await forge.check(open.commit, 'unit', 'failed')
      await becomes(open, (state) => expect(state.pull!.checks?.outcome).toBe('failed'))
      expect((await open.story.state()).steps['implement']!.round).toBe(2)
      await forge.close(open.number)
      await becomes(open, (state) => expect(state.finished?.outcome).toBe('rejected'))
      const name = forge.tellsCloser ? `@${open.jess.handle}` : 'somebody'
      expect(await factsOf(open, 'pull.closed')).toMatchObject([{ name }])
      expect(await factsOf(open, 'checks.heard')).toHaveLength(1)
    },
  )

  test(
    `${forge.tool} tells the push that takes a merge back: it is looked for at once, and not in hours`,
    { timeout: 60_000 },
    async () => {
      const open = await opened()
      await forge.merge(open.number)
      await lookNow(open)
      await becomes(open, (state) => expect(state.pull!.state).toBe('merged'))
      const next = async (): Promise<number> =>
        (
          await inWorkspace(db, open.of.id, (tx) =>
            tx.query<{ left: number }>('select next_at - vp.now_ms() as left from vp.watches where workspace = $1', [
              open.of.id,
            ]),
          )
        ).rows[0]!.left
      await vi.waitFor(async () => expect(await next()).toBeGreaterThan(3_600_000), { timeout: 10_000, interval: 50 })
      await forge.hook(open.url, secret)
      const revert = await forge.revert(open.number, (await open.story.state()).pull!.commit!)
      await forge.tellsPush(open.url, secret, revert)
      await becomes(open, (state) => expect(state.pull!.reverted?.commit).toBe(revert))
      expect(await factsOf(open, 'pull.reverted')).toMatchObject([{ ref: open.pull.ref, commit: revert }])
    },
  )

  test(
    `an approval at ${forge.tool} of exactly a draft's head is a vote, and one that was taken back is none`,
    { timeout: 60_000 },
    async () => {
      const open = await opened({ draft: true })
      expect(open.pull).toMatchObject({ draft: true, state: 'open' })
      await forge.check(open.commit, 'unit', 'passed')
      await forge.approve(open.number)
      await forge.takeBack(open.number)
      await lookNow(open)
      await becomes(open, (state) =>
        expect(Object.values(state.gates).at(-1)).toMatchObject({ kind: 'change', state: 'open', votes: [] }),
      )
      await forge.approve(open.number)
      await lookNow(open)
      await becomes(open, (state) =>
        expect(Object.values(state.gates).find((gate) => gate.kind === 'change')).toMatchObject({
          outcome: 'approved',
          votes: [{ person: open.jess.id, via: { surface: 'forge', auth: 'account' } }],
        }),
      )
      // Then it is no draft any more.
      await becomes(open, (state) => expect(state.finished?.outcome).toBe('succeeded'), 30_000)
      await lookNow(open)
      await becomes(open, (state) => expect(state.pull).toMatchObject({ state: 'open', draft: false }))
    },
  )
}

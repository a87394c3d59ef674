// An effect failed, and a person says what becomes of it: tried again, looked for, done by their word, given up. The control plane is killed (kill -9) between that word and what follows from it, and again amid the
// doing; two people say it at once; what was approved, and the connection, have changed meanwhile. One effect, or none and the reason in words. Providers: testing/acting-plane.ts.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { actionOf, kindOf, type Kind } from './testing/acting-kinds.ts'
import { openActingPlane, type ActingPlane } from './testing/acting-plane.ts'
import { Answered, factsOf, type Json } from './testing/api.ts'
import { seesAll } from './testing/one-effect.ts'
import { makePlace } from './testing/place.ts'
import { refusing } from './testing/provider-moods.ts'
import type { Mood } from './testing/provider-proxy.ts'

const place = makePlace('answered')
let plane: ActingPlane

beforeAll(async () => {
  plane = await openActingPlane(place)
}, 180_000)
afterAll(async () => {
  await plane?.close()
  place.remove()
})

type Stuck = { kind: Kind; number: number; intent: string; attempt: number }
const waiting = async (): Promise<Json[]> => (await plane.admin().get('/api/effects'))['effects'] as Json[]
/** A run whose effect failed at a provider of this mood. */
const stuck = async (kind: Kind, mood: Mood = refusing(kind)): Promise<Stuck> => {
  plane.provider(kind).mood(kindOf(kind).isWrite, mood)
  const number = await plane.begin(kind)
  const mine = async (): Promise<Json | undefined> => (await waiting()).find((one) => one['number'] === number)
  await expect.poll(mine, { timeout: 60_000 }).toMatchObject({ state: 'failed', action: actionOf(kind) })
  const { intent, attempt } = (await mine())!
  return { kind, number, intent, attempt }
}
const say = ({ intent, attempt }: Stuck, choice: string, text: string | null = null): Promise<Json> =>
  plane.admin().send('POST', `/api/effects/${intent}/answers`, { choice, attempt, text })
/** The refusal of what is no success; null: it was one. */
const refusal = (asked: Promise<Json>): Promise<string | null> =>
  asked.then(
    () => null,
    (error: unknown) => (error instanceof Answered ? (error.problem['code'] as string) : Promise.reject(error)),
  )
const seesOne = (one: Stuck): Promise<void> => seesAll(plane, [one.kind], [one.number])
const endsWithout = async ({ kind, number, intent }: Stuck): Promise<Json[]> => {
  const outcome = async (): Promise<unknown> => (await plane.admin().get(`/api/runs/${number}`))['outcome'] as unknown
  await expect.poll(outcome, { timeout: 60_000 }).toBe('succeeded')
  expect(await plane.doneThere(kind, intent)).toBe(0)
  expect(await waiting()).toEqual([])
  return factsOf(plane.admin(), number)
}
/** It said no although it did it. */
const lying = (kind: Kind): Mood => ({ ...refusing(kind), does: true })

describe('killed right after a person said', () => {
  test.each(['jira.comment', 'github.label'] as const)(
    'try again, and once more when the provider had done it: %s',
    { timeout: 240_000 },
    async (kind) => {
      const one = await stuck(kind)
      const trap = plane.provider(kind).trap({ is: kindOf(kind).isWrite, at: 'did' })
      await say(one, 'again')
      await plane.killed()
      await trap.caught
      await plane.killed()
      trap.letGo()
      await seesOne(one)
    },
  )

  test('try again, of what the provider had done and said no to: it is found', { timeout: 240_000 }, async () => {
    const one = await stuck('slack.message', lying('slack.message'))
    await say(one, 'again')
    await plane.killed()
    await seesOne(one)
    const facts = await factsOf(plane.admin(), one.number)
    expect(facts.find(({ type }) => type === 'effect.succeeded')!['data']).toMatchObject({ reconciled: true })
  })

  test('look: it is not there, nothing is done, and it is asked about again', { timeout: 240_000 }, async () => {
    const one = await stuck('gitlab.comment')
    await say(one, 'look')
    await plane.killed()
    const now = async (): Promise<Json | undefined> => (await waiting()).find(({ intent }) => intent === one.intent)
    await expect
      .poll(now, { timeout: 60_000 })
      .toMatchObject({ attempt: 2, state: 'failed', why: expect.stringMatching(/is not there; nothing/) })
    expect(await plane.doneThere(one.kind, one.intent)).toBe(0)
    await say({ ...one, attempt: 2 }, 'again')
    await seesOne(one)
  })

  test('done, with its link: nothing is sent, and the run goes on', { timeout: 240_000 }, async () => {
    const one = await stuck('linear.comment')
    await say(one, 'done', 'It stands there: https://linear.app/acme/PAY-1')
    await plane.killed()
    const facts = await endsWithout(one)
    expect(facts.filter(({ type }) => type === 'effect.settled').map(({ data }) => data.how as string)).toEqual([
      'done',
    ])
    expect(facts.filter(({ type }) => type === 'effect.succeeded')).toEqual([])
  })

  test('give it up: nothing is sent, and the run goes on without it', { timeout: 240_000 }, async () => {
    const one = await stuck('jira.create')
    await say(one, 'give_up', 'Not wanted any more')
    await plane.killed()
    const facts = await endsWithout(one)
    expect(facts.filter(({ type }) => type === 'effect.settled')).toMatchObject([{ data: { how: 'given_up' } }])
  })
})

describe('tried again', () => {
  test(
    'by several at once, and once more when it is done: one effect, and a clear no to all but one',
    { timeout: 240_000 },
    async () => {
      const one = await stuck('github.comment')
      const all = await Promise.all(Array.from({ length: 4 }, () => refusal(say(one, 'again'))))
      expect(all.filter((code) => code === null)).toHaveLength(1)
      expect(
        all.filter((code) => code !== null).every((code) => /^(gate_closed|effect_moved)$/.test(code!)),
        all.join(),
      ).toBe(true)
      await seesOne(one)
      expect(await refusal(say(one, 'again'))).not.toBeNull()
      await seesOne(one)
    },
  )

  test(
    'after the connection was removed: it fails in words until there is one again',
    { timeout: 240_000 },
    async () => {
      const one = await stuck('webhook.send')
      const { connections } = await plane.admin().get('/api/connections')
      const { id, settings } = (connections as Json[]).find(({ name }) => name === 'ops')!
      await plane.admin().send('DELETE', `/api/connections/${id}?confirmed=true`)
      await say(one, 'again')
      const now = async (): Promise<Json | undefined> => (await waiting()).find(({ intent }) => intent === one.intent)
      await expect
        .poll(now, { timeout: 60_000 })
        .toMatchObject({ attempt: 2, check: expect.stringMatching(/viewport connect webhook/) })
      expect(await plane.doneThere(one.kind, one.intent)).toBe(0)
      await plane
        .admin()
        .send('POST', '/api/connections', { tool: 'webhook', name: 'ops', values: { url: settings.url } })
      await say({ ...one, attempt: 2 }, 'again')
      await seesOne(one)
    },
  )

  test(
    'after somebody pushed to the branch of the approved change: what nobody approved is not opened',
    { timeout: 240_000 },
    async () => {
      const one = await stuck('github.open_pr')
      const facts = await factsOf(plane.admin(), one.number)
      const { params } = facts.find(({ data }) => data.intent === one.intent)!['data'] as Json
      const git = (...words: string[]): string =>
        execFileSync(
          'git',
          ['-C', join(place.folder, 'acme/shop.git'), '-c', 'user.name=n', '-c', 'user.email=n@example.com', ...words],
          { encoding: 'utf8', env: place.env },
        ).trim()
      const branch = `refs/heads/${params.head}`
      const approved = git('rev-parse', branch)
      git('update-ref', branch, git('commit-tree', `${branch}^{tree}`, '-p', branch, '-m', 'Of nobody'))
      await say(one, 'again')
      const now = async (): Promise<Json | undefined> => (await waiting()).find(({ intent }) => intent === one.intent)
      await expect
        .poll(now, { timeout: 60_000 })
        .toMatchObject({ attempt: 2, why: expect.stringMatching(/is not at the approved commit/) })
      expect(await plane.doneThere(one.kind, one.intent)).toBe(0)
      git('update-ref', branch, approved)
      await say({ ...one, attempt: 2 }, 'again')
      await seesOne(one)
    },
  )
})

// kill -9 of the control plane around every step of its broker: begun, sent, done there, answered, read back, recorded, looked for; each while the provider does it and loses the
// answer, answers late, limits the rate, breaks after it did it, or says no. Always one effect, and a state that says so. A part of it in the check; `VIEWPORT_MATRIX=all` plays
// every pair. Providers: testing/acting-plane.ts.
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { allKinds, kinds, mending, openActingPlane, type ActingPlane, type Kind } from './testing/acting-plane.ts'
import type { Json } from './testing/api.ts'
import { makePlace } from './testing/place.ts'
import type { Moment, Mood, Passed, ProviderProxy } from './testing/provider-proxy.ts'

const every = process.env['VIEWPORT_MATRIX'] === 'all'
const place = makePlace('broker')
let plane: ActingPlane

beforeAll(async () => {
  plane = await openActingPlane(place)
}, 180_000)
afterAll(async () => {
  await plane?.close()
  place.remove()
})

const factsOf = async (number: number): Promise<Json[]> =>
  (await plane.admin().get(`/api/runs/${number}/facts`))['facts'].map(
    ({ text }: { text: string }) => JSON.parse(text) as Json,
  )
const typesOf = async (number: number): Promise<string[]> => (await factsOf(number)).map(({ type }) => type as string)
/** The effect that a run is about; a push that goes before it is another one. */
const intentOf = (facts: readonly Json[], kind: Kind): string | undefined =>
  facts.find(({ type, data }) => type === 'intent.proposed' && data.action === kind)?.['data'].intent as string
const isOf = (intent: string | undefined, type: string) => (one: Json) =>
  one['type'] === type && one['data'].intent === intent

const untilEnded = async (number: number): Promise<void> => {
  const outcome = async (): Promise<unknown> => (await plane.admin().get(`/api/runs/${number}`))['outcome'] as unknown
  await expect
    .poll(outcome, { timeout: 90_000, interval: 100 })
    .toBe('succeeded')
    .catch(async (cause: unknown) => {
      const facts = (await factsOf(number)).filter(({ type }) => /^(effect|refusal|gate|step)/.test(type as string))
      throw new Error(`Run ${number} did not end: ${JSON.stringify(facts.map(({ type, data }) => [type, data]))}`, {
        cause,
      })
    })
}

/** One effect there, one in the ledger, and a receipt. */
const seesOneEffect = async (kind: Kind, number: number): Promise<void> => {
  const facts = await factsOf(number)
  const intent = intentOf(facts, kind)!
  expect({ kind, recorded: facts.filter(isOf(intent, 'effect.succeeded')).length }).toEqual({ kind, recorded: 1 })
  expect({ kind, there: await plane.doneThere(kind, intent) }).toEqual({ kind, there: 1 })
  const view = await plane.admin().get(`/api/runs/${number}`)
  expect(view['receipts'].filter((one: { action: string }) => one.action === kind)).toHaveLength(1)
  expect((await plane.admin().get('/api/effects'))['effects']).toEqual([])
}

/** A person lets whatever waits be tried again, and the runs come to their ends. */
const untilEndedWithHelp = async (numbers: readonly number[]): Promise<number> => {
  let helped = 0
  const help = async (): Promise<boolean> => {
    const { effects } = (await plane.admin().get('/api/effects')) as { effects: Json[] }
    for (const { intent, attempt } of effects) {
      await plane.admin().send('POST', `/api/effects/${intent}/answers`, { choice: 'again', attempt })
      helped += 1
    }
    const views = await Promise.all(numbers.map((number) => plane.admin().get(`/api/runs/${number}`)))
    return views.every(({ outcome }) => outcome !== null)
  }
  await expect.poll(help, { timeout: 90_000, interval: 200 }).toBe(true)
  return helped
}

/** Runs of these kinds, each held at this moment of its write. One whose change must be made first is begun first: nobody is held longer than a tool is waited for. */
const heldAt = async (
  moment: Moment,
  struck: readonly Kind[],
  more: { late?: boolean } = {},
): Promise<{ numbers: number[]; letGo(): void }> => {
  const numbers: number[] = []
  const traps: ReturnType<ProviderProxy['trap']>[] = []
  for (const kind of struck.toSorted((a) => (mending.includes(a) ? -1 : 1))) {
    const trap = plane.provider(kind).trap({ is: kinds[kind].isWrite, at: moment, ...more })
    traps.push(trap)
    numbers[struck.indexOf(kind)] = await plane.begin(kind)
    if (mending.includes(kind)) await trap.caught
  }
  await Promise.all(traps.map(({ caught }) => caught))
  return { numbers, letGo: () => traps.forEach(({ letGo }) => letGo()) }
}
const seesAll = async (struck: readonly Kind[], numbers: readonly number[]): Promise<void> => {
  for (const number of numbers) await untilEnded(number)
  for (const [n, kind] of struck.entries()) await seesOneEffect(kind, numbers[n]!)
}
const forgetHooks = (): void => void (plane.provider('webhook.send').passed.length = 0)

/** Where the blow falls. `begun`: its beginning is a fact, and the provider has seen nothing of it. In the check each falls on some kinds, in the whole matrix on all. */
const blows: { name: string; moment: Moment; kinds: Kind[] }[] = [
  { name: 'begun, and sent to nobody', moment: 'came', kinds: ['linear.create', 'jira.create'] },
  { name: 'begun, and sent to nobody', moment: 'came', kinds: ['slack.message', 'ci.rerun'] },
  {
    name: 'done there, and the answer lost',
    moment: 'did',
    kinds: ['github.open_pr', 'jira.comment'],
  },
  { name: 'done there, and the answer lost', moment: 'did', kinds: ['gitlab.open_mr', 'linear.transition'] },
  { name: 'done there, and the answer lost', moment: 'did', kinds: ['slack.message', 'ci.rerun'] },
  { name: 'answered, and not recorded', moment: 'told', kinds: ['github.comment', 'webhook.send'] },
]
/** Two effects of a workspace are under way at once: so many can be held together. */
const pairs: Kind[][] = [
  ['github.open_pr', 'webhook.send'],
  ['github.comment', 'linear.create'],
  ['github.create_issue', 'jira.comment'],
  ['linear.comment', 'jira.create'],
  ['gitlab.open_mr', 'slack.message'],
  ['linear.transition', 'ci.rerun'],
]
/** Each blow once, whatever kinds it falls on in the check. */
const everyBlow = [...new Map(blows.map((blow) => [blow.moment, blow])).values()]
const rounds = every ? everyBlow.flatMap((blow) => pairs.map((struck) => ({ ...blow, kinds: struck }))) : blows

/** With its kinds in words: `-t slack.message` picks by them. */
const named = <T extends { readonly struck: readonly Kind[] }>(one: T): T & { all: string } => ({
  ...one,
  all: one.struck.join(', '),
})

describe('killed', () => {
  test.each(rounds.map((round) => named({ ...round, struck: round.kinds })))(
    '$name: $all',
    { timeout: 240_000 },
    async ({ moment, struck }) => {
      forgetHooks()
      const { numbers, letGo } = await heldAt(moment, struck)
      if (moment !== 'told')
        for (const [n, kind] of struck.entries()) {
          const facts = await factsOf(numbers[n]!)
          expect(facts.filter(isOf(intentOf(facts, kind), 'effect.succeeded'))).toEqual([])
        }
      await plane.killed()
      letGo()
      await seesAll(struck, numbers)
    },
  )

  test.each(every ? pairs : [['github.comment']])(
    'sent, and done there only after the restart: it is waited for, and found: %s %s',
    { timeout: 240_000 },
    async (...words: string[]) => {
      forgetHooks()
      const struck = words as Kind[]
      const { numbers, letGo } = await heldAt('came', struck, { late: true })
      // Late, but within the five seconds that an effect is waited for: on a busy machine the start alone may take as long, so it is not waited for then.
      const up = plane.killed()
      await Promise.race([up.then(() => sleep(1_000)), sleep(3_000)])
      letGo()
      await up
      await seesAll(struck, numbers)
      for (const [n, kind] of struck.entries()) {
        const facts = await factsOf(numbers[n]!)
        const done = facts.find(isOf(intentOf(facts, kind), 'effect.succeeded'))!
        // Nobody can ask a receiver of webhooks: it is sent again under its id.
        expect(done['data']).toMatchObject({ attempt: 1, reconciled: kind !== 'webhook.send' })
      }
    },
  )

  test('before it begins, and after it was recorded', { timeout: 240_000 }, async () => {
    forgetHooks()
    const struck: Kind[] = every ? allKinds : ['webhook.send', 'jira.comment']
    const numbers = await Promise.all(struck.map(plane.begin))
    await plane.killed()
    await seesAll(struck, numbers)
    await plane.killed()
    for (const [n, kind] of struck.entries()) {
      await seesOneEffect(kind, numbers[n]!)
      expect(await typesOf(numbers[n]!)).toContain('run.finished')
    }
  })

  const readers: Kind[][] = [
    ['github.comment', 'jira.comment'],
    ['github.create_issue', 'jira.create'],
    ['github.open_pr', 'slack.message'],
    ['gitlab.open_mr', 'linear.transition'],
  ]
  test.each(every ? readers : readers.slice(0, 1))(
    'amid its reading back: %s %s',
    { timeout: 120_000 },
    async (...struck: Kind[]) => {
      const traps = struck.map((kind) => plane.provider(kind).trap({ is: firstAfter(kinds[kind].isWrite), at: 'came' }))
      const numbers = await Promise.all(struck.map(plane.begin))
      await Promise.all(traps.map(({ caught }) => caught))
      await plane.killed()
      for (const { letGo } of traps) letGo()
      await seesAll(struck, numbers)
    },
  )

  const looked = Object.keys(looks) as Kind[]
  test.each(every ? looked : looked.slice(-1))(
    'and killed again while it looks: %s',
    { timeout: 120_000 },
    async (kind) => {
      const { numbers, letGo } = await heldAt('did', [kind])
      const look = plane.provider(kind).trap({ is: looks[kind]!, at: 'came' })
      await plane.killed()
      letGo()
      await look.caught
      await plane.killed()
      look.letGo()
      await seesAll([kind], numbers)
    },
  )
})

/** By which question each is looked for. Nobody can be asked about a webhook. */
const looks: Partial<Record<Kind, (one: Passed) => boolean>> = {
  'github.comment': ({ path }) => path === '/repos/acme/shop/issues/1/comments?per_page=100',
  'github.create_issue': ({ path }) => path.startsWith('/repos/acme/shop/issues?state=all&sort=created'),
  'github.open_pr': ({ path }) => path.startsWith('/repos/acme/shop/pulls?head='),
  'linear.comment': ({ body }) => body.includes('query Comments('),
  'linear.create': ({ body }) => body.includes('query Newest('),
  'slack.message': ({ path }) => path === '/api/conversations.history',
  'gitlab.open_mr': ({ method, path }) => method === 'GET' && path.includes('/merge_requests?source_branch='),
  'jira.comment': ({ path }) => /\/issue\/\w+\/comment\?/.test(path),
  'jira.create': ({ path }) => path.includes('/search/jql') && path.includes('creator'),
}

/** True for the first request that comes after the one that writes. */
const firstAfter = (isWrite: (one: Passed) => boolean): ((one: Passed) => boolean) => {
  let written = false
  return (one) => {
    if (isWrite(one)) written = true
    return written && !isWrite(one)
  }
}

const limit = { status: 429, headers: { 'retry-after': '1' }, body: '{}', does: false }
const secondary = { ...limit, status: 403, body: '{"message":"You have exceeded a secondary rate limit"}' }
const tooMany = {
  ...limit,
  status: 400,
  body: '{"errors":[{"message":"Slow down","extensions":{"code":"RATELIMITED"}}]}',
}
const slackLimit = { ...limit, body: '{"ok":false,"error":"ratelimited"}' }
const limits: Record<Kind, Mood> = {
  'github.comment': secondary,
  'github.create_issue': secondary,
  'github.open_pr': secondary,
  'linear.comment': tooMany,
  'linear.create': tooMany,
  'linear.transition': tooMany,
  'slack.message': slackLimit,
  'gitlab.open_mr': limit,
  'ci.rerun': limit,
  'jira.comment': limit,
  'jira.create': limit,
  'webhook.send': limit,
}
const no = { status: 422, body: '{"message":"Validation Failed","errors":["it is not valid"]}', does: false }
const refused = { ...no, status: 400, body: '{"errors":[{"message":"Argument Validation Error"}]}' }
const refusals: Record<Kind, Mood> = {
  'github.comment': no,
  'github.create_issue': no,
  'github.open_pr': no,
  'linear.comment': refused,
  'linear.create': refused,
  'linear.transition': refused,
  // Slack says no with 200.
  'slack.message': { ...no, status: 200, body: '{"ok":false,"error":"not_valid_at_all"}' },
  'gitlab.open_mr': { ...no, status: 400, body: '{"message":{"title":["is not valid"]}}' },
  'ci.rerun': { ...no, status: 403, body: '{"message":"403 Forbidden: it is not valid"}' },
  'jira.comment': { ...no, status: 400, body: '{"errorMessages":["Comment body is not valid!"],"errors":{}}' },
  'jira.create': { ...no, body: '{"errorMessages":[],"errors":{"summary":"It is not valid."}}' },
  'webhook.send': no,
}
const alike = (mood: Mood): Record<Kind, Mood> =>
  Object.fromEntries(allKinds.map((kind) => [kind, mood])) as Record<Kind, Mood>

/** `struck`: in the check, without a blow. In the whole matrix every provider is like this once without a blow, and once for every moment at which it falls. */
const providers: { name: string; moods: Record<Kind, Mood>; struck: Kind[] }[] = [
  {
    name: 'that answers 500 after it did it',
    moods: alike({ status: 500, body: '{}', does: true }),
    struck: ['github.comment'],
  },
  {
    name: 'that does it and cuts the connection',
    moods: alike({ lost: true, does: true }),
    struck: ['github.open_pr', 'jira.comment'],
  },
  { name: 'that limits the rate', moods: limits, struck: ['github.create_issue', 'jira.create', 'webhook.send'] },
]
const without = { moment: null, blow: 'nobody is killed' } as const
const falls = [
  { moment: 'came', blow: 'killed before it did anything' },
  { moment: 'did', blow: 'killed before it answered' },
  { moment: 'told', blow: 'killed after it answered' },
] as const
/** Nobody is killed, or, in the whole matrix, somebody at every moment, two kinds at a time. */
const fallsOn = (ofTheCheck: Kind[]): { moment: Moment | null; blow: string; struck: Kind[] }[] =>
  every
    ? [{ ...without, struck: allKinds }, ...falls.flatMap((fall) => pairs.map((struck) => ({ ...fall, struck })))]
    : [{ ...without, struck: ofTheCheck }]

describe('a provider', () => {
  const moody = providers.flatMap((one) => fallsOn(one.struck).map((fall) => ({ ...one, ...named(fall) })))
  test.each(moody)('$name, $blow: $all, once', { timeout: 240_000 }, async ({ moods, moment, struck }) => {
    forgetHooks()
    for (const kind of struck) plane.provider(kind).mood(kinds[kind].isWrite, moods[kind])
    if (moment === null) return seesAll(struck, await Promise.all(struck.map(plane.begin)))
    // A connection that was cut has no moment after its answer.
    const { numbers, letGo } = await heldAt(moment === 'told' && 'lost' in moods[struck[0]!] ? 'did' : moment, struck)
    await plane.killed()
    letGo()
    await seesAll(struck, numbers)
  })

  test.each(fallsOn(['github.open_pr', 'github.comment', 'jira.create', 'linear.comment']).map(named))(
    'that says no (422), $blow: it is told, nothing is there, and tried again by a person it is done once: $all',
    { timeout: 240_000 },
    async ({ moment, struck }) => {
      forgetHooks()
      for (const kind of struck) plane.provider(kind).mood(kinds[kind].isWrite, refusals[kind])
      const held = moment && (await heldAt(moment, struck))
      const numbers = held ? held.numbers : await Promise.all(struck.map(plane.begin))
      if (held) {
        await plane.killed()
        held.letGo()
      }
      // Whoever was killed before it heard the no looks, finds nothing, and tries again by itself.
      const helped = await untilEndedWithHelp(numbers)
      if (!held) {
        expect(helped).toBe(struck.length)
        for (const [n, kind] of struck.entries()) {
          const facts = await factsOf(numbers[n]!)
          const failed = facts.find(isOf(intentOf(facts, kind), 'effect.failed'))!
          expect(failed['data'].failure.summary).toMatch(/ .*not.valid|Validation|answered 4\d\d/i)
        }
      }
      for (const [n, kind] of struck.entries()) await seesOneEffect(kind, numbers[n]!)
    },
  )

  test('that says 422 because it is there already: what it made before is found', { timeout: 120_000 }, async () => {
    const body = '{"message":"Validation Failed","errors":[{"message":"A pull request already exists for acme:vp."}]}'
    plane.provider('github.open_pr').mood(kinds['github.open_pr'].isWrite, { status: 422, body, does: true })
    await seesAll(['github.open_pr'], [await plane.begin('github.open_pr')])
  })

  test.each(every ? [allKinds] : [['github.comment', 'slack.message']])(
    'that answers after it was waited for no longer: it is found, once',
    { timeout: 300_000 },
    async (...struck: Kind[]) => {
      forgetHooks()
      // Two are under way at once, so each is held until it is waited for no longer.
      const { numbers, letGo } = await heldAt('did', struck)
      for (const [n, kind] of struck.entries())
        await expect
          .poll(async () => (await factsOf(numbers[n]!)).some(({ type }) => type === 'effect.unknown'), {
            timeout: 60_000,
            interval: 200,
          })
          .toBe(true)
          .catch((cause: unknown) => {
            throw new Error(`${kind} is not unknown`, { cause })
          })
      letGo()
      await seesAll(struck, numbers)
    },
  )
})

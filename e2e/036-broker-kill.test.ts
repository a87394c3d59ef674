// kill -9 of the control plane around every step of its broker: begun, sent, done there, answered, read back, recorded, looked for; each while the provider does it and loses the
// answer, answers late, limits the rate, breaks after it did it, or says no. Always one effect, and a state that says so. In the check every kind is killed once where it is most
// dangerous: done there, and the answer lost. `VIEWPORT_MATRIX=all` plays every pair of kind and moment. Kinds: testing/acting-kinds.ts; providers: testing/acting-plane.ts.
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { allKinds, kindOf, pairs, type Kind } from './testing/acting-kinds.ts'
import { openActingPlane, type ActingPlane } from './testing/acting-plane.ts'
import { factsOf } from './testing/api.ts'
import { heldAt, intentOf, isOf, seesAll, seesOneEffect, untilEndedWithHelp } from './testing/one-effect.ts'
import { makePlace } from './testing/place.ts'
import { limited, refusing, saysNo } from './testing/provider-moods.ts'
import type { Moment, Mood, Passed } from './testing/provider-proxy.ts'

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

const forgetHooks = (): void => void (plane.provider('webhook.send').passed.length = 0)

/** Where the blow falls. `begun`: its beginning is a fact, and the provider has seen nothing of it. */
const blows: { name: string; moment: Moment; inCheck: readonly (readonly Kind[])[] }[] = [
  {
    name: 'begun, and sent to nobody',
    moment: 'came',
    inCheck: [
      ['linear.create', 'jira.create'],
      ['slack.update', 'ci.rerun'],
    ],
  },
  { name: 'done there, and the answer lost', moment: 'did', inCheck: pairs },
  { name: 'answered, and not recorded', moment: 'told', inCheck: [['github.comment', 'webhook.send']] },
]
/** With its kinds in words: `-t slack.message` picks by them. */
const named = <T extends { readonly struck: readonly Kind[] }>(some: T): T & { all: string } => ({
  ...some,
  all: some.struck.join(', '),
})
const rounds = blows.flatMap(({ inCheck, ...blow }) =>
  (every ? pairs : inCheck).map((struck) => named({ ...blow, struck })),
)
const words = (some: readonly (readonly Kind[])[]) => some.map((struck) => named({ struck }))

describe('killed', () => {
  test('every kind is among those that are struck', () => expect(pairs.flat().toSorted()).toEqual(allKinds.toSorted()))

  test.each(rounds)('$name: $all', { timeout: 240_000 }, async ({ moment, struck }) => {
    forgetHooks()
    const { numbers, letGo } = await heldAt(plane, moment, struck)
    if (moment !== 'told')
      for (const [n, kind] of struck.entries()) {
        const facts = await factsOf(plane.admin(), numbers[n]!)
        expect(facts.filter(isOf(intentOf(facts, kind), 'effect.succeeded'))).toEqual([])
      }
    await plane.killed()
    letGo()
    await seesAll(plane, struck, numbers)
  })

  test.each(words(every ? pairs : [['github.comment']]))(
    'sent, and done there only after the restart: it is waited for, and found: $all',
    { timeout: 240_000 },
    async ({ struck }) => {
      forgetHooks()
      const { numbers, letGo } = await heldAt(plane, 'came', struck, { late: true })
      // Late, but within the five seconds that an effect is waited for: on a busy machine the start alone may take as long, so it is not waited for then.
      const up = plane.killed()
      await Promise.race([up.then(() => sleep(1_000)), sleep(3_000)])
      letGo()
      await up
      await seesAll(plane, struck, numbers)
      for (const [n, kind] of struck.entries()) {
        const facts = await factsOf(plane.admin(), numbers[n]!)
        const done = facts.find(isOf(intentOf(facts, kind), 'effect.succeeded'))!
        // Nobody can ask a receiver of webhooks: it is sent again under its id.
        expect(done['data']).toMatchObject({ attempt: 1, reconciled: kind !== 'webhook.send' })
      }
    },
  )

  const some = [allKinds.slice(0, 10), allKinds.slice(10, 20), allKinds.slice(20)]
  test.each(words(every ? some : [['webhook.send', 'jira.comment']]))(
    'before it begins, and after it was recorded: $all',
    { timeout: 400_000 },
    async ({ struck }) => {
      forgetHooks()
      const numbers = await Promise.all(struck.map(plane.begin))
      await plane.killed()
      await seesAll(plane, struck, numbers)
      await plane.killed()
      for (const [n, kind] of struck.entries()) {
        await seesOneEffect(plane, kind, numbers[n]!)
        const types = (await factsOf(plane.admin(), numbers[n]!)).map(({ type }) => type as string)
        expect(types).toContain('run.finished')
      }
    },
  )

  const readers: readonly (readonly Kind[])[] = [
    ['github.comment', 'jira.comment'],
    ['github.create_issue', 'jira.create'],
    ['github.open_pr', 'slack.message'],
    ['gitlab.open_mr', 'linear.transition'],
    ['github.label', 'jira.assign'],
    ['github.review', 'gitlab.comment'],
    ['github.report_check', 'slack.comment'],
  ]
  test.each(words(every ? readers : readers.slice(0, 1)))(
    'amid its reading back: $all',
    { timeout: 120_000 },
    async ({ struck }) => {
      const traps = struck.map((kind) =>
        plane.provider(kind).trap({ is: firstAfter(kindOf(kind).isWrite), at: 'came' }),
      )
      const numbers = await Promise.all(struck.map(plane.begin))
      await Promise.all(traps.map(({ caught }) => caught))
      await plane.killed()
      for (const { letGo } of traps) letGo()
      await seesAll(plane, struck, numbers)
    },
  )

  /** Nobody can be asked about a webhook. */
  const looked = pairs.map((pair) => pair.filter((kind) => kindOf(kind).look)).filter((pair) => pair.length > 0)
  test.each(words(every ? looked : [['jira.transition', 'github.review']]))(
    'and killed again while it looks: $all',
    { timeout: 120_000 },
    async ({ struck }) => {
      const { numbers, letGo } = await heldAt(plane, 'did', struck)
      const looks = struck.map((kind) => plane.provider(kind).trap({ is: kindOf(kind).look!, at: 'came' }))
      await plane.killed()
      letGo()
      await Promise.all(looks.map(({ caught }) => caught))
      await plane.killed()
      for (const look of looks) look.letGo()
      await seesAll(plane, struck, numbers)
    },
  )
})

/** True for the first request that comes after the one that writes. */
const firstAfter = (isWrite: (passed: Passed) => boolean): ((passed: Passed) => boolean) => {
  let written = false
  return (passed) => {
    if (isWrite(passed)) written = true
    return written && !isWrite(passed)
  }
}

/** `inCheck`: without a blow. In the whole matrix every provider is like this once without a blow, and once for every moment at which it falls. */
const providers: { name: string; mood: (kind: Kind) => Mood; inCheck: Kind[] }[] = [
  {
    name: 'that answers 500 after it did it',
    mood: () => ({ status: 500, body: '{}', does: true }),
    inCheck: ['github.comment', 'gitlab.label'],
  },
  {
    name: 'that does it and cuts the connection',
    mood: () => ({ lost: true, does: true }),
    inCheck: ['github.open_pr', 'jira.comment'],
  },
  {
    name: 'that limits the rate',
    mood: limited,
    inCheck: ['github.create_issue', 'jira.create', 'slack.comment', 'webhook.send'],
  },
]
const without = { moment: null, blow: 'nobody is killed' } as const
const falls = [
  { moment: 'came', blow: 'killed before it did anything' },
  { moment: 'did', blow: 'killed before it answered' },
  { moment: 'told', blow: 'killed after it answered' },
] as const
type Fall = { readonly moment: Moment | null; readonly blow: string; readonly struck: readonly Kind[] }
/** Nobody is killed, or, in the whole matrix, somebody at every moment, two kinds at a time. */
const fallsOn = (inCheck: readonly Kind[]): Fall[] =>
  every
    ? [
        ...pairs.map((struck) => ({ ...without, struck })),
        ...falls.flatMap((fall) => pairs.map((struck) => ({ ...fall, struck }))),
      ]
    : [{ ...without, struck: inCheck }]

describe('a provider', () => {
  const moody = providers.flatMap((some) => fallsOn(some.inCheck).map((fall) => ({ ...some, ...named(fall) })))
  test.each(moody)('$name, $blow: $all, once', { timeout: 240_000 }, async ({ mood, moment, struck }) => {
    forgetHooks()
    for (const kind of struck) plane.provider(kind).mood(kindOf(kind).isWrite, mood(kind))
    if (moment === null) return seesAll(plane, struck, await Promise.all(struck.map(plane.begin)))
    // A connection that was cut has no moment after its answer.
    const { numbers, letGo } = await heldAt(
      plane,
      moment === 'told' && 'lost' in mood(struck[0]!) ? 'did' : moment,
      struck,
    )
    await plane.killed()
    letGo()
    await seesAll(plane, struck, numbers)
  })

  test.each(fallsOn(['github.open_pr', 'github.assign', 'jira.create', 'linear.comment']).map(named))(
    'that says no (422), $blow: it is told, nothing is there, and tried again by a person it is done once: $all',
    { timeout: 240_000 },
    async ({ moment, struck }) => {
      forgetHooks()
      for (const kind of struck) plane.provider(kind).mood(kindOf(kind).isWrite, refusing(kind))
      const held = moment && (await heldAt(plane, moment, struck))
      const numbers = held ? held.numbers : await Promise.all(struck.map(plane.begin))
      if (held) {
        await plane.killed()
        held.letGo()
      }
      // Whoever was killed before it heard the no looks, finds nothing, and tries again by itself.
      const helped = await untilEndedWithHelp(plane, numbers)
      if (!held) {
        expect(helped).toBe(struck.length)
        for (const [n, kind] of struck.entries()) {
          const facts = await factsOf(plane.admin(), numbers[n]!)
          const failed = facts.find(isOf(intentOf(facts, kind), 'effect.failed'))!
          expect(failed['data'].failure.summary).toMatch(saysNo)
        }
      }
      for (const [n, kind] of struck.entries()) await seesOneEffect(plane, kind, numbers[n]!)
    },
  )

  test('that says 422 because it is there already: what it made before is found', { timeout: 120_000 }, async () => {
    const body = '{"message":"Validation Failed","errors":[{"message":"A pull request already exists for acme:vp."}]}'
    plane.provider('github.open_pr').mood(kindOf('github.open_pr').isWrite, { status: 422, body, does: true })
    await seesAll(plane, ['github.open_pr'], [await plane.begin('github.open_pr')])
  })

  test.each(words(every ? pairs : [['github.comment', 'slack.message']]))(
    'that answers after it was waited for no longer: it is found, once: $all',
    { timeout: 300_000 },
    async ({ struck }) => {
      forgetHooks()
      // Two are under way at once, so each is held until it is waited for no longer.
      const { numbers, letGo } = await heldAt(plane, 'did', struck)
      for (const [n, kind] of struck.entries())
        await expect
          .poll(async () => (await factsOf(plane.admin(), numbers[n]!)).some(({ type }) => type === 'effect.unknown'), {
            timeout: 60_000,
            interval: 200,
          })
          .toBe(true)
          .catch((cause: unknown) => {
            throw new Error(`${kind} is not unknown`, { cause })
          })
      letGo()
      await seesAll(plane, struck, numbers)
    },
  )
})

import { describe, expect, test } from 'vitest'
import { playStarts, type Came, type Rules, type Startable } from './play-starts.ts'

const minute = 60_000
const rules = (concurrency: Rules['concurrency'], more: Partial<Rules> = {}): Rules => ({
  concurrency,
  starts: 12,
  within: 60 * minute,
  chain: 3,
  cooldown: 60 * minute,
  ...more,
})
const one = (delivery: string, at: number, more: Partial<Startable> = {}): Startable => ({
  delivery,
  at: at * minute,
  came: at * minute,
  subject: null,
  begins: null,
  told: null,
  chain: 0,
  mayWait: true,
  real: null,
  slot: 'a',
  known: null,
  ...more,
})
const lasted = (from: number, to: number | null) => ({
  from: from * minute,
  to: to === null ? null : to * minute,
  let: null,
  replaced: false,
})
const play = (all: Startable[], by: Rules, more: object = {}): Record<string, Came> =>
  Object.fromEntries(playStarts(all, by, { lasts: 10 * minute, until: 1_000 * minute, ...more }).came)

describe('so many at once', () => {
  const three = [one('a', 0), one('b', 1), one('c', 2)]
  test('without a limit all start', () =>
    expect(play(three, rules(null))).toEqual({ a: 'starts', b: 'starts', c: 'starts' }))
  test('skip: what finds no room starts nothing, until a run has ended', () =>
    expect(play([...three, one('d', 11)], rules({ limit: 1, whenFull: 'skip' }))).toEqual({
      a: 'starts',
      b: 'skipped',
      c: 'skipped',
      d: 'starts',
    }))
  test('a limit counts per slot, and what has no slot stands alone', () =>
    expect(
      play([one('a', 0), one('b', 1, { slot: 'b' }), one('c', 2, { slot: null }), one('d', 3, { slot: 'b' })], {
        ...rules({ limit: 1, whenFull: 'skip' }),
      }),
    ).toEqual({ a: 'starts', b: 'starts', c: 'starts', d: 'skipped' }))
  test('queue: each has its turn when the one before has ended; at the end one still waits', () => {
    const by = rules({ limit: 1, whenFull: 'queue' })
    expect(play(three, by)).toEqual({ a: 'starts', b: 'starts', c: 'starts' })
    expect(play(three, by, { until: 15 * minute })).toEqual({ a: 'starts', b: 'starts', c: 'waits' })
  })
  test('whoever asks by hand waits for nothing', () =>
    expect(play([one('a', 0), one('b', 1, { mayWait: false })], rules({ limit: 1, whenFull: 'queue' }))).toEqual({
      a: 'starts',
      b: 'skipped',
    }))
  test('replace: the newest goes on; what waited for one that took time to stop is dropped', () => {
    const by = rules({ limit: 1, whenFull: 'replace' })
    expect(play(three, by)).toEqual({ a: 'starts', b: 'starts', c: 'starts' })
    const slow = { from: 0, to: 1.5 * minute, let: null, replaced: true } // stopped at 1, ended half a minute later
    expect(play([one('a', 0, { real: slow }), one('b', 1), one('c', 1.2)], by)).toEqual({
      a: 'starts',
      b: 'dropped',
      c: 'starts',
    })
  })
  test('a run that was lasts as long as it did, and one that goes on keeps its place', () => {
    const by = rules({ limit: 1, whenFull: 'skip' })
    expect(play([one('a', 0, { real: lasted(0, 2) }), one('b', 1), one('c', 3)], by)).toMatchObject({
      b: 'skipped',
      c: 'starts',
    })
    expect(play([one('a', 0, { real: lasted(0, null) }), one('b', 500)], by)).toMatchObject({ b: 'skipped' })
    // In the version that really ran it waited for an hour; here it begins at once and takes as long.
    expect(play([one('a', 0, { real: lasted(60, 65) }), one('b', 4), one('c', 6)], by)).toMatchObject({
      b: 'skipped',
      c: 'starts',
    })
  })
  test('what went on when the oldest came has its place', () =>
    expect(
      play([one('a', 1), one('b', 6)], rules({ limit: 1, whenFull: 'skip' }), {
        going: [{ slot: 'a', from: -minute, to: 5 * minute }],
      }),
    ).toEqual({ a: 'skipped', b: 'starts' }))
  test('it is played in the order in which it was decided, whatever order it is given in', () =>
    expect(play(three.toReversed(), rules({ limit: 1, whenFull: 'skip' }))).toEqual({
      a: 'starts',
      b: 'skipped',
      c: 'skipped',
    }))
  test('how many took a place for an assumed time', () =>
    expect(
      playStarts(
        [one('a', 0), one('b', 1, { real: lasted(1, 2) }), one('c', 2, { slot: null })],
        rules({ limit: 5, whenFull: 'skip' }),
        {
          lasts: minute,
          until: 0,
        },
      ).assumed,
    ).toBe(1))
})

describe('so often', () => {
  const about = (delivery: string, at: number, more: Partial<Startable> = {}) =>
    one(delivery, at, { subject: 's', slot: null, ...more })
  test('the start too many waits for a person, and those after it rest until the pause is over', () =>
    expect(
      play([about('a', 0), about('b', 1), about('c', 2), about('d', 3), about('e', 63)], rules(null, { starts: 2 })),
    ).toEqual({ a: 'starts', b: 'starts', c: 'held', d: 'rests', e: 'starts' }))
  test('only what came within the time counts, of the same thing', () => {
    const by = rules(null, { starts: 1, within: 10 * minute })
    expect(play([about('a', 0), about('b', 11), about('c', 12, { subject: 'other' })], by)).toEqual({
      a: 'starts',
      b: 'starts',
      c: 'starts',
    })
  })
  test('a chain that is too long waits for a person; one that nobody knows is not counted', () =>
    expect(play([about('a', 0, { chain: 4 }), about('b', 1, { chain: null, subject: 't' })], rules(null))).toEqual({
      a: 'held',
      b: 'starts',
    }))
  test('what is skipped was counted, and what is held takes no place', () => {
    const by = rules({ limit: 1, whenFull: 'skip' }, { starts: 2, cooldown: minute / 2 })
    const all = [0, 1, 2].map((at) => about(`n${at}`, at, { slot: 'a' }))
    expect(play(all, by)).toEqual({ n0: 'starts', n1: 'skipped', n2: 'held' })
    expect(play([...all, about('other', 11, { subject: 't', slot: 'a' })], by)).toMatchObject({ other: 'starts' })
  })
  test('a start whose turn comes while it rests is not begun', () =>
    expect(
      play(
        [0, 1, 2].map((at) => about(`n${at}`, at, { slot: 'a' })),
        rules({ limit: 1, whenFull: 'queue' }, { starts: 2 }),
      ),
    ).toEqual({ n0: 'starts', n1: 'rests', n2: 'held' }))
  test('a run that somebody let begin is a start, and what was before is not counted any more', () => {
    const real = { from: 2 * minute, to: 9 * minute, let: 4 * minute, replaced: false }
    const all = [about('a', 0), about('b', 1), about('c', 2, { real }), about('d', 3), about('e', 5)]
    const played = playStarts(all, rules(null, { starts: 2 }), { lasts: minute, until: 1e9 })
    expect(Object.fromEntries(played.came)).toEqual({ a: 'starts', b: 'starts', c: 'starts', d: 'rests', e: 'starts' })
    expect([...played.letGo]).toEqual(['c'])
  })
  test('one making of a thing starts once, also where the first of it waits; what was skipped is no start of it', () => {
    const begins = { made: 0, by: 'github:1' }
    const by = rules({ limit: 1, whenFull: 'skip' }, { starts: 2 })
    const made = (delivery: string, at: number, more: object = {}) =>
      about(delivery, at, { begins, slot: 'a', ...more })
    expect(play([made('a', 0), made('b', 0.1), made('c', 0.2), about('d', 20)], by)).toEqual({
      a: 'starts',
      b: 'duplicate',
      c: 'duplicate',
      d: 'starts',
    })
    const twice = (delivery: string, at: number) => about(delivery, at, { told: 'here 1' })
    expect(play([twice('a', 0), twice('b', 5), about('c', 6, { told: 'here 2' })], rules(null))).toEqual({
      a: 'starts',
      b: 'duplicate',
      c: 'starts',
    })
    const full = one('full', -1)
    expect(play([full, made('a', 0), made('b', 10)], by)).toMatchObject({ a: 'skipped', b: 'starts' })
  })
})

describe('what is known is taken as it was', () => {
  test('and counts for what is played after it', () => {
    const by = rules({ limit: 1, whenFull: 'skip' }, { starts: 2 })
    const all = [
      one('a', 0, { subject: 's', known: 'starts', real: lasted(0, 7) }),
      one('b', 1, { subject: 's', known: 'skipped' }),
      one('c', 3, { subject: 't' }),
      one('d', 8, { subject: 's' }),
    ]
    expect(play(all, by)).toEqual({ a: 'starts', b: 'skipped', c: 'skipped', d: 'held' })
  })
  test('one that waited takes its place when it began', () =>
    expect(
      play(
        [one('a', 0, { known: 'starts', real: lasted(5, 9) }), one('b', 6), one('c', 10)],
        rules({ limit: 1, whenFull: 'skip' }),
      ),
    ).toEqual({ a: 'starts', b: 'skipped', c: 'starts' }))
  test('what rests, was refused or had come before counts for nothing', () => {
    const all = (['rests', 'refused', 'duplicate'] as const).map((known, at) => one(known, at, { subject: 's', known }))
    expect(play([...all, one('last', 4, { subject: 's' })], rules(null, { starts: 1 }))).toMatchObject({
      last: 'starts',
    })
  })
})

import { describe, expect, test, vi } from 'vitest'
import { Cron } from 'croner'
import fc from 'fast-check'
import { isZone, lastTime, nextTime } from './times.ts'

const at = (text: string): number => Date.parse(text)
const next = (cron: string, zone: string, after: string): string | null => {
  const found = nextTime(cron, zone, at(after))
  return found === null ? null : new Date(found).toISOString()
}

describe('the next moment', () => {
  test.each<[cron: string, zone: string, after: string, is: string | null]>([
    ['0 9 * * mon-fri', 'Europe/Berlin', '2026-11-27T12:00:00Z', '2026-11-30T08:00:00.000Z'],
    ['0 9 * * mon-fri', 'UTC', '2026-11-30T08:59:59Z', '2026-11-30T09:00:00.000Z'],
    ['0 9 * * mon-fri', 'UTC', '2026-11-30T09:00:00Z', '2026-12-01T09:00:00.000Z'],
    ['*/15 * * * *', 'Asia/Kathmandu', '2026-11-30T00:01:00Z', '2026-11-30T00:15:00.000Z'],
    ['0 0 29 2 *', 'UTC', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['0 0 30 2 *', 'UTC', '2026-03-01T00:00:00Z', null],
    // Either of both, as crontab(5) has it when day and weekday are named.
    ['0 12 13 * fri', 'UTC', '2026-11-10T00:00:00Z', '2026-11-13T12:00:00.000Z'],
    ['0 12 13 * fri', 'UTC', '2026-11-14T00:00:00Z', '2026-11-20T12:00:00.000Z'],
  ])('of %s in %s after %s', (cron, zone, after, is) => expect(next(cron, zone, after)).toBe(is))

  test('that the clock skips in spring comes once, at the other side', () => {
    // 2027-03-28 in Berlin: 02:00 becomes 03:00 (01:00Z).
    expect(next('30 2 * * *', 'Europe/Berlin', '2027-03-27T12:00:00Z')).toBe('2027-03-28T01:00:00.000Z')
    expect(next('30 2 * * *', 'Europe/Berlin', '2027-03-28T01:00:00Z')).toBe('2027-03-29T00:30:00.000Z')
  })
  test('that the clock repeats in autumn comes once', () => {
    // 2026-10-25 in Berlin: 03:00 becomes 02:00 (01:00Z).
    const first = next('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z')!
    expect(['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z']).toContain(first)
    expect(next('30 2 * * *', 'Europe/Berlin', first)).toBe('2026-10-26T01:30:00.000Z')
  })
  test.each([
    ['America/New_York', '2026-03-08', '2026-11-01'],
    ['Australia/Lord_Howe', '2026-10-04', '2026-04-05'],
  ])('of every day comes once a day over both changes in %s', (zone, ...days) => {
    for (const day of days) {
      let now = at(`${day}T00:00:00Z`) - 3 * 86_400_000
      const dates: string[] = []
      for (let n = 0; n < 6; n++) {
        now = nextTime('15 2 * * *', zone, now)!
        dates.push(new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(now))
      }
      expect(new Set(dates).size).toBe(6)
    }
  })
})

describe('of what was missed', () => {
  test('the last one counts', () => {
    expect(lastTime('0 * * * *', 'UTC', at('2026-11-01T00:00:00Z') - 1, at('2026-11-30T10:30:00Z'))).toBe(
      at('2026-11-30T10:00:00Z'),
    )
    expect(lastTime('0 0 1 * *', 'UTC', at('2026-01-01T00:00:00Z') - 1, at('2026-11-30T10:30:00Z'))).toBe(
      at('2026-11-01T00:00:00Z'),
    )
    expect(lastTime('0 0 1 1 *', 'UTC', at('2026-02-01T00:00:00Z'), at('2026-11-30T10:30:00Z'))).toBeNull()
  })

  test('it is the one that a walk through all of them ends at, over changes of the clock too', () => {
    const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu']
    const crons = [
      '*/7 * * * *',
      '30 2 * * *',
      '*/20 1-3 * * *',
      '0 9 * * mon-fri',
      '15 1 * * sun',
      '59 23 31 * *',
      '* 2 25 10 *',
    ]
    // From a day before one of the changes of 2026 to at most nine days later.
    const changes = ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01'].map(at)
    const minutes = (most: number) => fc.integer({ min: 0, max: most }).map((n) => n * 60_000)
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...crons),
        fc.constantFrom(...changes),
        minutes(1_440),
        minutes(12_960),
        (zone, cron, change, before, length) => {
          const from = change - before
          let walked: number | null = null
          for (let step = nextTime(cron, zone, from); step !== null && step <= from + length;)
            step = nextTime(cron, zone, (walked = step))
          expect(lastTime(cron, zone, from, from + length)).toBe(walked)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('years of every minute are some looks, not millions', () => {
    const looks = vi.spyOn(Cron.prototype, 'nextRun')
    const [from, to] = [at('2020-01-01T00:00:00Z'), at('2026-11-30T10:30:30Z')]
    expect(lastTime('* * * * *', 'Europe/Berlin', from, to)).toBe(at('2026-11-30T10:30:00Z'))
    expect(looks.mock.calls.length).toBeLessThan(300)
    looks.mockRestore()
  })
})

test.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Mars/Olympus', false],
  ['Europe/', false],
])('%s is a zone: %s', (zone, is) => expect(isZone(zone)).toBe(is))

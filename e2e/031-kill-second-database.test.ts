// A few kills on a PostgreSQL that Viewport did not bring (DATABASE_URL): the same final state as undisturbed.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { makePlace, type Place } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { playSample, undisturbedOutcome, type Blow, type Played } from './testing/sample-run.ts'
import { secondPostgresPrograms, startSecondPostgres, type SecondPostgres } from './testing/second-postgres.ts'

const programs = secondPostgresPrograms()

describe.runIf(programs)('on another PostgreSQL', () => {
  const places: Place[] = []
  let undisturbed: Played
  const servers: SecondPostgres[] = []

  const play = async (blow: Blow | null | ((server: SecondPostgres) => Blow)): Promise<Played> => {
    const place = makePlace('second')
    const server = await startSecondPostgres(programs!)
    places.push(place)
    servers.push(server)
    return playSample(place, typeof blow === 'function' ? blow(server) : blow, { DATABASE_URL: server.url })
  }

  beforeAll(async () => void (undisturbed = await play(null)), 120_000)

  afterAll(async () => {
    for (const place of places) {
      endAllOf(place.folder)
      place.remove()
    }
    for (const server of servers) await server.stop()
  })

  test('undisturbed: one push, one change, a packet that verifies, and no database of our own', () => {
    expect(undisturbed.outcome).toMatchObject(undisturbedOutcome)
  })

  test.each([
    ['server', 'push.recorded'],
    ['server', 'effect.started'],
    ['runner', 'step.started'],
  ] as const)('the %s killed after the first %s', { timeout: 180_000 }, async (victim, type) => {
    const { outcome, struck } = await play({ victim, after: undisturbed.facts.indexOf(type) + 1, surely: true })
    expect(outcome).toEqual(undisturbed.outcome)
    expect(struck).not.toBeNull()
  })

  test(
    'the database is away for 30 seconds amid a step: nothing is lost and nothing done twice (F10)',
    { timeout: 240_000 },
    async () => {
      const after = undisturbed.facts.indexOf('step.started') + 1
      const { outcome, struck } = await play((server) => ({ victim: () => server.away(30_000), after, surely: true }))
      expect(outcome).toEqual(undisturbed.outcome)
      expect(struck).toBe('step.started')
    },
  )
})

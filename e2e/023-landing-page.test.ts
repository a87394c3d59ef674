// The terminal of the landing page, as printed, beside a Viewport on this machine.
import { afterAll, beforeAll, expect, test } from 'vitest'

import { localAdmin } from './testing/api.ts'
import { makePlace } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { run, start, viewportProgram, vpdProgram, type Running } from './testing/program.ts'

const place = makePlace('landing')
let plane: Running

beforeAll(async () => {
  plane = start(place, viewportProgram, ['up', '--port', '0', '--data', place.data])
  await plane.says(/Ctrl-C stops everything/)
}, 60_000)

afterAll(async () => {
  plane.child.kill('SIGINT')
  await plane.ended
  endAllOf(place.folder)
  place.remove()
})

test('vpd pair --worker --transport=polling', { timeout: 60_000 }, async () => {
  const admin = localAdmin(place.data)
  const pairing = start(place, vpdProgram, ['pair', '--worker', '--transport=polling'])
  const [, page, code] = await pairing.says(/open (\S+\/pair) · code: (\S+)/)
  const [, words = ''] = await pairing.says(/check there: (\w+ \w+ \w+)/)
  expect(page).toBe(`${admin.url}/pair`)
  expect(code).toMatch(/^[A-Z1-9]{2}-[A-Z1-9]{3}-[A-Z1-9]{3}$/)

  const found = await admin.send('POST', '/api/pairings/lookup', { code: code!.toLowerCase().replaceAll('-', ' ') })
  expect(found.words.join(' ')).toBe(words)
  await admin.send('POST', `/api/pairings/${found.id}/decision`, {
    verdict: 'approve',
    name: 'payments-vps',
    pool: 'payments-secure',
    repositories: [],
    words: found.words,
  })
  const { code: exit, out } = await pairing.ended
  expect(exit).toBe(0)
  expect(out).toContain('✓ approved · paired as "payments-vps"')
  expect(out).toMatch(/✓ detected: .*git/)
})

test('vpd worker start --mode persistent --transport polling', { timeout: 60_000 }, async () => {
  const worker = start(place, vpdProgram, ['worker', 'start', '--mode', 'persistent', '--transport', 'polling'])
  await worker.says(/✓ online · waiting for assignments/)
  const { runners } = await localAdmin(place.data).get('/api/runners')
  expect(runners).toEqual([expect.objectContaining({ name: 'payments-vps', pool: 'payments-secure', online: true })])
  const listed = await run(place, viewportProgram, ['runners'])
  expect(listed.out).toMatch(/^payments-vps +online +payments-secure/m)
  worker.child.kill('SIGINT')
  expect((await worker.ended).code).toBe(0)
})

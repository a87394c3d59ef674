/** What the command line says to a slip, and how wide a list of deliveries is. */
import { expect, test } from 'vitest'
import { viewportOf } from '../../test/cli.ts'
import { send, testPlane } from '../../test/plane.ts'

const { url, workspace } = await testPlane()
const acme = await workspace('acme', ['payments'])
const viewport = await viewportOf(acme.admin)

test('an action that is none is named, with the nearest', async () => {
  const { code, err } = await viewport('workspace', 'change', '--cap', 'slack.mesage=3')
  expect(code).not.toBe(0)
  expect(err).toContain('there is no action slack.mesage that has a cap')
  expect(err).toContain('Did you mean slack.message?')
})

test('giving an effect up without words says that they are missing', async () => {
  const { code, err } = await viewport('effects', 'answer', 'int_x', 'give-up')
  expect(code).not.toBe(0)
  expect(err).toMatch(/needs a reason in words[^]*-m/)
})

test('a long reason makes no row of the list wide, and what was read as no event has no event and nobody who did it', async () => {
  const { body } = await acme.admin.post('/api/sources', { name: 'unread' })
  const headers = { 'content-type': `text/${'x'.repeat(200)}` }
  expect((await send(url, 'POST', `/hooks/${body.source.id}`, { body: 'x', headers })).status).toBe(415)
  const { out } = await viewport('deliveries')
  const [row] = out.split('\n')
  expect(row).toMatch(/  webhook  .*…$/)
  expect(row!.length).toBeLessThan(150)
  const whole = (await viewport('deliveries', row!.split(' ')[0]!)).out
  expect(whole).toContain('application/json is')
  expect(whole).not.toMatch(/ by ,|webhook\. /)
})

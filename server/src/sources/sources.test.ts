import { expect, test } from 'vitest'
import { testPlane } from '../../test/plane.ts'
import { deliver } from '../../test/signed.ts'

const { workspace, url } = await testPlane()
const acme = await workspace('acme')

test('the list says when each address last took a delivery', async () => {
  const make = async (name: string) => (await acme.admin.post('/api/sources', { name })).body
  const [busy] = [await make('Busy'), await make('Quiet')]
  const lastTimes = async () =>
    (await acme.admin.get('/api/sources')).body.sources.map((one: { name: string; lastAt: number | null }) => [
      one.name,
      one.lastAt,
    ])
  expect(await lastTimes()).toEqual([
    ['Busy', null],
    ['Quiet', null],
  ])
  for (const id of ['msg_1', 'msg_2'])
    expect(
      (await deliver(url, { url: busy.source.url, secret: busy.secret }, { type: 'bug.filed' }, { id })).status,
    ).toBe(202)
  const [newest] = (await acme.admin.get('/api/deliveries')).body.deliveries as { at: number }[]
  expect(await lastTimes()).toEqual([
    ['Busy', newest!.at],
    ['Quiet', null],
  ])
})

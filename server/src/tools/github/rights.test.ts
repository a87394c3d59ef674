/** What GitHub says somebody may do in a repository, as it is read. */
import { expect, test } from 'vitest'
import type { Came } from '@viewportai/core/tools/github/rest'
import { rightsOf } from './rights.ts'

const kim = { id: 7, login: 'kim', type: 'User' }
const asked = (status: number, body: unknown, user: typeof kim | null = kim) =>
  rightsOf(async (): Promise<Came> => ({ status, at: 0, headers: {}, body }), '/repos/acme/shop', user)

test.each([
  ['admin', true],
  ['write', true],
  ['read', false],
  ['none', false],
])('who has %s may write: %s', async (permission, writes) =>
  expect(await asked(200, { permission, role_name: 'admin', user: { id: 7 } })).toEqual({ rights: { id: 7, writes } }),
)

test('of whom GitHub knows nothing there may not', async () =>
  expect(await asked(404, {})).toEqual({ rights: { id: 7, writes: false } }))

test.each([
  [
    'another account has the name by now',
    200,
    { permission: 'admin', user: { id: 8 } },
    'GitHub told it of another account',
  ],
  ['it tells of no account', 200, { permission: 'admin' }, 'GitHub told it of another account'],
  ['it says no', 403, {}, 'GitHub answered 403'],
  ['it breaks', 500, '', 'GitHub answered 500'],
])('%s: nothing is known, in words', async (_what, status, body, why) =>
  expect(await asked(status, body)).toEqual({ why: `What kim may do in acme/shop is not known (${why}).` }),
)

test('of a program, an organisation and a deleted account nothing is asked', async () => {
  const answers = await Promise.all(
    [{ ...kim, type: 'Bot' }, { ...kim, type: 'Organization' }, null].map((user) => asked(500, {}, user)),
  )
  expect(answers).toEqual([null, null, null])
})

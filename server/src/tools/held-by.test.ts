/** Who "we" are at a tool whose credential runners hold: what a runner says makes no account another one. */
import { beforeEach, describe, expect, test } from 'vitest'
import { testPlane } from '../../test/plane.ts'
import { capabilities, TestRunner } from '../wire/testing/known-runner.ts'

const { plane, url, workspace } = await testPlane()
const { db } = plane.context
const base = 'https://ghe.acme.dev/api/v3'
let n = 0

const holds = (id: string, name: string, site?: string) => [
  {
    tool: 'github',
    connection: null,
    at: base,
    actions: ['github.open_pr'],
    account: { id, name, ...(site !== undefined && { site }) },
  },
]
const open = async () => {
  const of = await workspace(`w${++n}`, ['payments'])
  const hello = (runner: TestRunner, held: ReturnType<typeof holds>) =>
    runner.post('/wire/hello', { capabilities: capabilities({ holds: held }), holding: [] })
  const runner = (name: string, pool = 'local') => new TestRunner(url).pair(db, of.id, name, pool)
  const connect = () =>
    of.admin.post('/api/connections', { tool: 'github', name: 'github', values: { base }, held: true })
  const connection = async () =>
    (
      (await of.admin.get('/api/connections')).body as {
        connections: { id: string; account: string; problem: string }[]
      }
    ).connections[0]!
  return { of, hello, runner, connect, connection }
}
let here: Awaited<ReturnType<typeof open>>
beforeEach(async () => {
  here = await open()
})

describe('a runner that says another account', () => {
  test('is told of on the connection, and nothing changes until an admin saves it where all say the same', async () => {
    const { of, hello, runner, connect, connection } = here
    const edge = await runner('edge')
    await hello(edge, holds('42', 'viewport-acme'))
    expect((await connect()).status).toBe(201)
    expect(await connection()).toMatchObject({ account: 'viewport-acme', problem: null })
    const rogue = await runner('aaa', 'public')
    await hello(rogue, holds('7', 'viewport-acme'))
    const { id, account, problem } = await connection()
    expect([account, problem]).toEqual([
      'viewport-acme',
      'The runner aaa says that its account there is viewport-acme; what counts as our own is still viewport-acme. If that is meant, save the connection; else take the credential from the runners that should not have it.',
    ])
    const save = () => of.admin.put(`/api/connections/${id}`, { values: {} })
    const changed = await save()
    expect(changed.status, JSON.stringify(changed.body)).toBe(200)
    expect((await connection()).problem).toMatch(
      /^The runner \w+ says .*, which is not taken: other runners name another one/,
    )
    await hello(edge, holds('7', 'viewport-two'))
    expect(await connection()).toMatchObject({ account: null })
    await hello(edge, holds('7', 'viewport-acme'))
    expect(await connection()).toMatchObject({ account: 'viewport-acme', problem: null })
  })

  test('that of a person is never taken, also not where none is kept', async () => {
    const { of, hello, runner, connect, connection } = here
    const jess = await of.person('jess', { teams: ['payments'] })
    await of.admin.post(`/api/people/${jess.id}/accounts`, { account: 'github:ghe.acme.dev/7', name: 'jess' })
    await hello(await runner('edge'), holds('7', 'viewport-acme'))
    expect((await connect()).status).toBe(201)
    const { account, problem } = await connection()
    expect([account, problem]).toEqual([null, expect.stringContaining('or it is linked to a person')])
  })

  test('a new name of the same account is taken from whoever holds it, where they agree', async () => {
    const { hello, runner, connect, connection } = here
    const edge = await runner('edge')
    await hello(edge, holds('42', 'viewport-acme'))
    await connect()
    await hello(edge, holds('42', 'acme-viewport'))
    expect(await connection()).toMatchObject({ account: 'acme-viewport', problem: null })
    await hello(await runner('aaa', 'public'), holds('42', 'acme-viewport', 'https://evil.example'))
    expect(await connection()).toMatchObject({ account: 'acme-viewport' })
  })
})

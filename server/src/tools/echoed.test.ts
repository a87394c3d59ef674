// A server, or a proxy before it, that says our own request again in its words of error.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'

import { pairedRunner } from '../../test/paired.ts'
import { testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'

const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1'] })
const { db } = plane.context
const token = 'ghp_ThisIsTheTokenOfTheConnection01'
let echoes = false

const issue = () => {
  const at = new Date().toISOString()
  const who = { user: { id: 1, login: 'sam' }, labels: [], assignees: [] }
  return { number: 5, title: 'x', body: 'y', state: 'open', comments: 0, created_at: at, updated_at: at, ...who }
}
const forge = createServer((asked, answer) => {
  const json = (status: number, body: unknown) =>
    void answer
      .writeHead(status, { 'content-type': 'application/json', 'x-oauth-scopes': 'repo' })
      .end(JSON.stringify(body))
  const path = asked.url!.replace(/^\/api\/v3/, '')
  if (path === '/user') return json(200, { id: 42, login: 'viewport-acme' })
  if (path === '/repos/acme/shop')
    return json(200, { id: 7, full_name: 'acme/shop', default_branch: 'main', permissions: { push: true, pull: true } })
  const message = `Could not be forwarded: ${asked.method} authorization: ${asked.headers.authorization}`
  if (echoes && asked.method !== 'GET') return json(422, { message })
  if (echoes && /\/(events|timeline)/.test(path)) return json(500, { message })
  return json(200, echoes && path.startsWith('/repos/acme/shop/issues?') ? [issue()] : [])
}).listen(0, '127.0.0.1')
afterAll(() => forge.close())

test('what a tool says of our request never has the token in it: facts, effects, timeline, health of the connection', async () => {
  await expect.poll(() => forge.listening).toBe(true)
  const base = `http://127.0.0.1:${(forge.address() as AddressInfo).port}`
  const of = await workspace('acme', ['payments'])
  const [member, lead] = [await of.person('mia'), await of.person('lead', { teams: ['payments'] })]
  await pairedRunner(db, of.id)
  const url = `${base.replace('http:', 'https:')}/acme/shop.git`
  await of.admin.post('/api/repositories', { name: 'acme/shop', url, defaultBranch: 'main' })
  const values = { base, token, repos: 'acme/shop' }
  expect((await of.admin.post('/api/connections', { tool: 'github', name: 'ghe', values })).status).toBe(201)
  const step = '{ action: github.create_issue, repo: acme/shop, title: Hello }'
  const source = `name: tell\nteam: payments\ntrigger: manual\nrepos: [acme/shop]\nsteps:\n  - ${step}\n`
  expect((await of.admin.post('/api/workflows', { source })).status).toBe(201)
  expect((await of.admin.put('/api/workflows/tell/enabled', { enabled: true })).status).toBe(200)
  const inDatabase = async <Row extends Record<string, unknown>>(sql: string): Promise<Row[]> =>
    (await inWorkspace(db, of.id, (tx) => tx.query<Row>(sql, [of.id]))).rows
  await expect
    .poll(() => inDatabase('select 1 from vp.polls where workspace = $1 and cursor is not null'))
    .not.toEqual([])
  echoes = true
  const { number } = (await lead.post('/api/runs', { workflow: 'tell', title: 'Hello' })).body
  const timeline = async (): Promise<string> => JSON.stringify((await member.get(`/api/runs/${number}/timeline`)).body)
  await expect.poll(timeline).toContain('Could not be forwarded')
  await inDatabase('update vp.polls set next_at = 0 where workspace = $1')
  const health = async (): Promise<string> => JSON.stringify((await member.get('/api/connections')).body)
  await expect.poll(health).toContain('Could not be forwarded')

  expect(await timeline()).toContain('authorization: Bearer [secret]')
  const pages = [`/api/runs/${number}`, `/api/runs/${number}/facts`, '/api/effects', '/api/inbox']
  const seen = await Promise.all(pages.map(async (page) => JSON.stringify((await member.get(page)).body)))
  for (const text of [...seen, await timeline(), await health()]) expect(text).not.toContain(token)
  const tables = await inDatabase<{ name: string }>(
    `select table_name as name from information_schema.columns where table_schema = 'vp' and column_name = 'workspace' and $1 <> ''`,
  )
  expect(tables.length).toBeGreaterThan(20)
  for (const { name } of tables) {
    const kept = await inDatabase(`select 1 from vp.${name} t where workspace = $1 and t::text like '%${token}%'`)
    expect(kept, name).toEqual([])
  }
})

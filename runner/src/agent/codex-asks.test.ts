/** What does Codex hear when it asks for more than a command, or for a change that is not its own? */
import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { detectHolding } from '../process/isolation.ts'
import { heldWall } from '../walls/held.ts'
import { answerCodex, type CodexAsking } from './codex-asks.ts'
import type { Ask, Mode } from './driver.ts'

const wall = heldWall(await detectHolding())
let cwd = ''
beforeAll(async () => {
  const root = await realpath(await mkdtemp(path.join(tmpdir(), 'vpd-codex-asks-')))
  cwd = path.join(root, 'shop')
  await mkdir(path.join(cwd, 'sub', '.git'), { recursive: true })
  await symlink(root, path.join(cwd, 'up'))
})
afterAll(() => rm(path.dirname(cwd), { recursive: true, force: true }))

const asks = async (
  method: string,
  params: object,
  {
    mode = 'edit',
    decision = 'allow',
    paths = ['a.js'] as string[] | null,
  }: { mode?: Mode; decision?: 'allow' | 'ask'; paths?: string[] | null } = {},
) => {
  const places: unknown[] = []
  const explained: string[] = []
  let parked: Ask | null = null
  const asking = {
    task: { mode, cwd, env: {}, wall, on: () => {} },
    decide: (_: unknown, at?: string) => (places.push(at), { decision, why: 'a rule' }),
    changeOf: () => paths,
    explain: async (_thread: string, _turn: string, words: string) => void explained.push(words),
    park: (ask: Ask) => void (parked = ask),
  } as unknown as CodexAsking
  const ids = { threadId: 't', turnId: 'u', itemId: 'i' }
  const answered = answerCodex(asking, method, { ...ids, ...params })
  const waits = decision === 'ask' ? new Promise((later) => setImmediate(() => later('parked'))) : answered
  return { answer: await Promise.race([answered, waits]), places, explained, parked: () => parked }
}
const command = 'item/commandExecution/requestApproval'
const change = 'item/fileChange/requestApproval'

test('a plain command is decided by the policy, in the folder that it names', async () => {
  expect(await asks(command, { command: "/bin/bash -lc 'npm test'" })).toMatchObject({
    answer: { decision: 'accept' },
    places: ['.'],
  })
  expect((await asks(command, { command: 'npm test', cwd: '/x' })).places).toEqual(['/x'])
  const { answer, parked } = await asks(
    command,
    { command: 'npm publish', cwd: path.join(cwd, 'sub') },
    { decision: 'ask' },
  )
  expect([answer, parked()]).toMatchObject(['parked', { cwd: 'sub', where: { repository: 'sub' } }])
})

test.each<[string, object]>([
  ['more rights than the step has', { command: 'ls', additionalPermissions: { network: true } }],
  ['typing into a program that runs', { command: 'ls', kind: 'stdin' }],
  ['a host', { command: 'ls', networkApprovalContext: { host: 'evil.example' } }],
  ['nothing', {}],
])('an ask for %s is refused, with the reason, whatever the policy says of the command', async (_, params) => {
  const { answer, explained, places } = await asks(command, params)
  expect(answer).toEqual({ decision: 'decline' })
  expect(explained).toHaveLength(1)
  expect(places).toEqual([])
})

test('a change is agreed to in its own files alone', async () => {
  const said = async (paths: string[] | null, params: object = {}, mode: Mode = 'edit'): Promise<unknown> =>
    (await asks(change, params, { paths, mode })).answer
  const [yes, no] = [{ decision: 'accept' }, { decision: 'decline' }]
  expect(await said(['a.js', 'sub/b.js'])).toEqual(yes)
  for (const mode of ['plan', 'read', 'review'] as const) expect(await said(['a.js'], {}, mode)).toEqual(no)
  expect(await said(['a.js'], { grantRoot: '/' })).toEqual(no)
  for (const paths of [null, [], ['../x'], ['/etc/passwd'], ['up/x'], ['.git/config'], ['a.js', '.git/hooks/x']])
    expect([paths, await said(paths)]).toEqual([paths, no])
})

test('servers and lasting rights get nothing, and what is not known is refused', async () => {
  expect((await asks('mcpServer/elicitation/request', { serverName: 'x' })).answer).toMatchObject({ action: 'decline' })
  expect((await asks('item/permissions/requestApproval', {})).answer).toMatchObject({ permissions: {} })
  await expect(asks('item/anything/requestApproval', {})).rejects.toThrow()
})

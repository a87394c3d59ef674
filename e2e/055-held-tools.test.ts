// The tokens of GitLab, Jira and Linear lie on a machine of the customer alone. What runs do there vpd does: a merge request, comments, moves of issues; each once, with vpd killed around each. It
// looks at the merge request and keeps the one message of a run in Jira, once too, with vpd killed amid both. Linear is emulate's program; GitLab and Jira are small servers of our own; each
// stands behind a recording proxy of ours. vpd, the control plane, git and all signatures are real.
import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { actionOf, kindOf, type Kind } from './testing/acting-kinds.ts'
import type { Json } from './testing/api.ts'
import { openHeldPlane, type HeldPlane } from './testing/held-plane.ts'
import { linearKeys, openLinearFront, type LinearFront } from './testing/linear-front.ts'
import { openOwnGitLab, type OwnGitLab } from './testing/own-gitlab.ts'
import { openOwnJira, type OwnJira } from './testing/own-jira.ts'
import { openProviderProxy, type Moment, type Passed, type ProviderProxy } from './testing/provider-proxy.ts'

const tokens = { gitlab: 'glpat-only-on-the-machine-4f7a', jira: 'ATATT-only-on-the-machine-9c2e' } as const
const signing = 'the-secret-of-the-webhook'
const every = process.env['VIEWPORT_MATRIX'] === 'all'
let held: HeldPlane
let lab: OwnGitLab
let board: OwnJira
let tracker: LinearFront
let issue: string
let hook: string
let gitlab: ProviderProxy
let jira: ProviderProxy
let linear: ProviderProxy

const mend = '{ id: mend, mode: edit, agent: mender, prompt: "Mend it." }'
/** What each workflow does, and what is killed around. */
const workflows = {
  mr: { before: [mend], kinds: ['gitlab.open_mr', 'gitlab.comment'] },
  ticket: { before: [], kinds: ['jira.transition', 'jira.comment'] },
  issue: { before: [], kinds: ['linear.transition', 'linear.comment'] },
} as const satisfies Record<string, { before: readonly string[]; kinds: readonly Kind[] }>
type Workflow = keyof typeof workflows

beforeAll(async () => {
  held = await openHeldPlane('tools', { told: true })
  lab = await openOwnGitLab(tokens.gitlab, held.remote.url.replace('file://', ''))
  board = await openOwnJira(tokens.jira)
  tracker = await openLinearFront()
  issue = await tracker.fileBug('The first one', '')
  gitlab = await openProviderProxy(lab.url)
  jira = await openProviderProxy(board.url)
  linear = await openProviderProxy(tracker.url)
  await held.tell('people', 'add', 'sam', '--name', 'sam')
  await held.tell('people', 'link', '@sam', `gitlab:${new URL(gitlab.url).host}/2`)
  await held.tell('people', 'link', '@sam', `jira:${sam.accountId}`)
  const secret = join(held.plane.folder, 'signing')
  writeFileSync(secret, signing)
  const [, ofJira] = await held.connect(
    { tool: 'gitlab', url: gitlab.url, token: tokens.gitlab },
    {
      tool: 'jira',
      at: 'site',
      url: jira.url,
      token: tokens.jira,
      user: 'viewport@acme.dev',
      more: ['--set', 'projects=PAY', '--secret', `signing=${secret}`],
    },
    { tool: 'linear', url: linear.url, token: linearKeys.us },
  )
  hook = ofJira!['connection'].url as string
  await held.online()
  for (const [name, { before, kinds }] of Object.entries(workflows)) {
    const steps = [...before, ...kinds.flatMap((kind) => kindOf(kind).steps)]
    await held.save(
      name,
      `trigger: manual\nsteps:\n${steps.map((one) => `  - ${one.replace('ISSUE', issue)}\n`).join('')}`,
    )
  }
  await held.save(
    'told',
    'trigger: { jira: { event: issue_created } }\nstatus: [jira]\nsteps:\n  - { action: jira.transition, to: In Progress }\n',
  )
}, 240_000)
afterAll(async () => {
  await held?.close()
  for (const one of [gitlab, jira, linear, lab, board, tracker]) await one?.close()
})

const proxyOf = (kind: Kind): ProviderProxy => ({ gitlab, jira, linear })[kindOf(kind).at as 'jira']
const done = (kind: Kind): number =>
  proxyOf(kind).passed.filter((one) => one.status !== null && one.status < 300 && kindOf(kind).isWrite(one)).length
/** As it was before, so that what is done once is one write more. */
const begin = async (workflow: Workflow): Promise<{ number: number; before: ReadonlyMap<Kind, number> }> => {
  board.putBack('status')
  await tracker.change(issue, { stateId: tracker.state('Todo') })
  const before = new Map(workflows[workflow].kinds.map((kind: Kind) => [kind, done(kind)]))
  return { number: await held.begin(workflow), before }
}

const rounds: { workflow: Workflow; moments: readonly Moment[] }[] = [
  { workflow: 'mr', moments: ['did', 'came'] },
  { workflow: 'ticket', moments: ['did', 'told'] },
  { workflow: 'issue', moments: ['came', 'did'] },
]
const others: Record<Moment, Moment> = { came: 'did', did: 'told', told: 'came' }
const turned = (all: typeof rounds): typeof rounds =>
  all.map(({ workflow, moments }) => ({ workflow, moments: moments.map((one) => others[one]) }))
const all = every ? [rounds, turned(rounds), turned(turned(rounds))].flat() : rounds

describe('vpd is killed around each effect', () => {
  test.each(all)(
    'of $workflow, at $moments: each is done once',
    { timeout: 240_000 },
    async ({ workflow, moments }) => {
      const { kinds } = workflows[workflow]
      const traps = kinds.map((kind, n) => proxyOf(kind).trap({ is: kindOf(kind).isWrite, at: moments[n]! }))
      const { number, before } = await begin(workflow)
      for (const trap of traps) {
        await trap.caught
        await held.killed('vpd', trap.letGo)
      }
      const { receipts } = await held.untilEnded(number)
      for (const kind of kinds) {
        const { done: fact } = await held.sawOne(actionOf(kind), number)
        expect({ kind, by: fact['by'].kind, writes: done(kind) - before.get(kind)! }).toEqual({
          kind,
          by: 'runner',
          writes: 1,
        })
      }
      expect((receipts as Json[]).filter((one) => kinds.includes(one['action'] as never))).toHaveLength(kinds.length)
    },
  )
})

const isLook = ({ method, path }: Passed): boolean => method === 'GET' && /\/merge_requests\/\d+$/.test(path)

test(
  'a merge request is looked at by the machine: what a person wants sends the agent back, and the merge ends it; vpd is killed in the middle of a look',
  { timeout: 600_000 },
  async () => {
    const { number } = await begin('mr')
    const ended = ({ outcome }: Json): boolean => outcome === 'succeeded'
    await held.until(number, 'the merge request', ended)
    const mr = lab.mrs.at(-1)!
    const shows = (): string => held.remote.git('show', `${mr['source_branch']}:price.txt`)
    expect(shows()).not.toContain('Round down')
    lab.review(mr['iid'] as number, 'Round down, please.')
    const look = gitlab.trap({ is: isLook, at: 'did' })
    await look.caught
    await held.killed('vpd', look.letGo)
    await held.until(number, 'what Sam wants', (view) => ended(view) && shows().includes('Round down'))
    const heard = (await held.facts(number)).filter(({ type }) => type === 'review.heard')
    expect(heard).toMatchObject([
      { by: { kind: 'runner' }, data: { name: '@sam', acted: true, text: 'Round down, please.' } },
    ])
    expect(lab.mrs.filter((one) => one['source_branch'] === mr['source_branch'])).toHaveLength(1)

    lab.merge(mr['iid'] as number)
    const view = await held.until(number, 'the merge', ({ pull }) => pull?.state === 'merged')
    expect((await held.facts(number)).filter(({ type }) => type === 'pull.merged')).toMatchObject([
      { by: { kind: 'runner' } },
    ])
    const packet = await held.packet(number)
    const left = await held.vpd('egress', view['run'] as string)
    expect(left.out).toContain('gitlab.watch')
    await held.onMachineAlone([...Object.values(tokens), linearKeys.us], {
      'the packet': packet,
      'what left': left.out,
    })
  },
)

test(
  'the one message of a run stands in Jira once, and is changed to its end; vpd is killed when it had written it and nobody knew',
  { timeout: 600_000 },
  async () => {
    const first = board.issues.at(-1)!
    board.putBack('status')
    const isComment = kindOf('jira.comment').isWrite
    const written = jira.trap({ is: isComment, at: 'did' })
    const delivery = await send({
      webhookEvent: 'jira:issue_created',
      issue: { id: first.id, key: first.key, fields: first.fields },
    })
    await written.caught
    await held.killed('vpd', written.letGo)
    const { runs } = await held.admin().get(`/api/deliveries/${delivery}`)
    const { number } = (runs as { number: number }[])[0]!
    // Its words came by a webhook alone, so a person says that it may go on.
    const answered = await held.admin().get('/api/inbox')
    for (const { gate } of answered['open'] as Json[]) {
      const { digest } = await held.admin().get(`/api/gates/${gate}`)
      const answer = { verdict: 'answer', digest, answer: { choice: 'go_on', text: null } }
      await held.admin().send('POST', `/api/gates/${gate}/decisions`, answer)
    }
    await held.untilEnded(number)
    const mine = (): string[] =>
      first.comments.map(({ body }) => JSON.stringify(body)).filter((text) => text.includes(`/runs/${number}#`))
    await expect.poll(() => mine().join(), { timeout: 180_000, interval: 500 }).toMatch(/Done|succeeded/i)
    expect(mine()).toHaveLength(1)
    const left = await held.vpd('egress', (await held.admin().get(`/api/runs/${number}`))['run'] as string)
    expect(left.out).toContain('jira.status')
  },
)

const sam = { accountId: '712020:sam', displayName: 'Sam', accountType: 'atlassian' }
/** As Jira sends and signs it; the delivery. */
const send = async (told: Json): Promise<string> => {
  const body = JSON.stringify({ timestamp: Date.now(), user: sam, ...told })
  const came = await fetch(hook, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-atlassian-webhook-identifier': `hook-${Date.now()}`,
      'x-hub-signature': `sha256=${createHmac('sha256', signing).update(body).digest('hex')}`,
    },
  })
  const said = await came.text()
  expect(came.status, said).toBe(202)
  return (JSON.parse(said) as { delivery: string }).delivery
}

/** What is told of a run whose pull request is open: it goes on with reviews until the merge, in the one message, with Slack and GitHub as programs of somebody else. */
import { expect, test, vi } from 'vitest'
import { planned } from '@viewportai/core/run/testing/play'
import { send, testPlane } from '../../test/plane.ts'
import { Story, toChangeGate } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { emulatedGitHub, tokens as github } from '../tools/github/testing/emulated.ts'
import { withHistory } from '../tools/github/testing/history.ts'
import { emulatedSlack, signedBy, tokens } from '../tools/slack/testing/emulated.ts'
import { readied } from '../tools/testing/bench.ts'
import { statusMark } from './keep.ts'

const signing = '8f742231b10e8888abcd99yyyzzz85a5'
const at = await emulatedSlack()
const hub = await emulatedGitHub()
const history = await withHistory(hub.url)
const { plane, workspace } = await testPlane({ nearHosts: ['localhost', '127.0.0.1'] })
const { db, own } = plane.context
const acme = await workspace('acme', ['payments'])
const support = at.channel('support')
const soon = <T>(look: () => Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 30_000, interval: 60 })

test('it goes on until the merge, with a link to the run all the way', { timeout: 120_000 }, async () => {
  let hook = ''
  const { lead } = await readied(db, acme, {
    account: `slack:${at.team}/${at.user('sam')}`,
    url: 'file:///srv/git/acme/shop.git',
    connect: async () => {
      const slack = { tool: 'slack', name: 'slack', values: { token: tokens.us, signing, base: at.url } }
      hook = (await acme.admin.post('/api/connections', slack)).body.connection.url
      const forge = { tool: 'github', name: 'github', values: { base: history.url, token: github.us } }
      expect((await acme.admin.post('/api/connections', forge)).status).toBe(201)
    },
    workflows: [
      'name: mend\nteam: payments\nrepos: [acme/shop]\ntrigger: { slack: { event: app_mention } }\nactions: [github.open_pr]\n',
    ],
  })
  await acme.admin.post(`/api/people/${lead.id}/accounts`, {
    account: `github:${new URL(history.url).host}/${hub.ids.sam}`,
    name: 'sam',
  })

  const ts = await at.say(support, '<@U0VIEWPORT> fix the prices')
  const event = { type: 'app_mention', user: at.user('sam'), team: at.team, text: '<@U0VIEWPORT> fix the prices', ts }
  const body = JSON.stringify(at.told({ ...event, channel: support }, { event_id: 'Ev1' }))
  const headers = { 'content-type': 'application/json', ...signedBy(signing)(body) }
  await send('', 'POST', hook, { body, headers })
  const run = await soon(async () => {
    const { rows } = await inWorkspace(db, acme.id, (tx) => tx.query<{ run: string }>('select run from vp.runs'))
    return rows[0]!.run
  })
  const row = async () =>
    (
      await inWorkspace(db, acme.id, (tx) =>
        tx.query<{ done: boolean }>('select done_at is not null as done from vp.run_statuses'),
      )
    ).rows
  const says = (words: RegExp) =>
    soon(async () => {
      const own = (await at.thread(support, ts)).filter((one) => one.metadata?.event_payload.intent === statusMark(run))
      expect(own).toHaveLength(1)
      expect(own[0].text).toMatch(words)
      return own[0].text as string
    })
  const approve = async (story: Story) => {
    const gate = await story.gate()
    const { status } = await lead.post(`/api/gates/${gate.id}/decisions`, { verdict: 'approve', digest: gate.digest })
    expect(status).toBe(201)
  }
  const lookNow = () =>
    inWorkspace(db, acme.id, (tx) => tx.query('update vp.watches set next_at = 0 where workspace = $1', [acme.id]))

  const story = new Story(db, acme.id, run)
  const link = `<${own.url}/runs/1|Run 1>`
  expect(await says(/: (Waits for a runner|Planning)\./)).toContain(link)
  await (await story.letGo()).finishes('plan', planned)
  await approve(story)
  await toChangeGate(story)
  await approve(story)
  const branch = (await story.state()).spec.branch!.replace('refs/heads/', '')
  await story.pushed(await hub.branch(branch))
  const open = await says(/: Done\. The pull request is open\./)
  expect(open).toContain(link)
  expect(open).toMatch(/ · <http\S+\|Pull request>$/)

  const number = Number((await story.state()).pull!.ref.split('#')[1])
  await hub.ask(
    'POST',
    `/repos/acme/shop/pulls/${number}/reviews`,
    { event: 'REQUEST_CHANGES', body: 'Round up.' },
    github.sam,
  )
  await lookNow()
  expect(await says(/: Sent back: changes were asked for\. Waits for a runner\./)).toContain(link)

  await hub.ask('PUT', `/repos/acme/shop/pulls/${number}/merge`, {}, github.sam)
  await lookNow()
  expect(await says(/: Done\. The pull request was merged\./)).toContain(link)
  await soon(async () => expect(await row()).toEqual([{ done: true }]))
})

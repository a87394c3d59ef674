/** A start that waits for its turn, told in the one message that its run keeps later: with a whole control plane and a program of somebody else that keeps messages as Slack does. */
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { send, testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { dying, readied } from '../tools/testing/bench.ts'
import { emulatedSlack, signedBy, tokens } from '../tools/slack/testing/emulated.ts'

const signing = '8f742231b10e8888abcd99yyyzzz85a5'
const at = await emulatedSlack()
const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1'] })
const { db, outside, own } = plane.context
const acme = await workspace('acme', ['payments'])
const { admin } = acme
const support = at.channel('support')
let hook = ''

const queued = (name: string, more = '') => `name: ${name}
team: payments
trigger: { slack: { event: app_mention, text: { prefix: ${name} } } }
concurrency: { key: "{{ trigger.title }}", limit: 1, when_full: queue }
repos: [acme/shop]
${more}`
beforeAll(
  async () =>
    void (await readied(db, acme, {
      account: `slack:${at.team}/${at.user('sam')}`,
      connect: async () => {
        const values = { token: tokens.us, signing, base: at.url }
        hook = (await admin.post('/api/connections', { tool: 'slack', name: 'slack', values })).body.connection.url
      },
      workflows: [queued('one'), queued('leaves'), queued('quiet', 'status: false\n')],
    })),
  60_000,
)

const soon = <T>(look: () => Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 30_000, interval: 60 })
/** Somebody asks for work: the thread, and what was decided. */
const asked = async (text: string) => {
  const ts = await at.say(support, `<@U0VIEWPORT> ${text}`)
  const event = {
    type: 'app_mention',
    user: at.user('sam'),
    team: at.team,
    text: `<@U0VIEWPORT> ${text}`,
    ts,
    channel: support,
  }
  const body = JSON.stringify(at.told(event))
  const headers = { 'content-type': 'application/json', ...signedBy(signing)(body) }
  const { delivery } = (await send('', 'POST', hook, { body, headers })).body
  const read = async () => (await admin.get(`/api/deliveries/${delivery}`)).body
  await soon(async () => expect((await read()).state).toBe('processed'))
  return { ts, delivery: String(delivery), read }
}
type Asked = Awaited<ReturnType<typeof asked>>
// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
const ours = async ({ ts }: Asked): Promise<any[]> =>
  (await at.thread(support, ts)).filter((one) => one.user === 'U0VIEWPORT')
const says = (one: Asked, words: RegExp) =>
  soon(async () => {
    const all = await ours(one)
    expect(all.map(({ text }) => text)).toEqual([expect.stringMatching(words)])
    return all[0]
  })
/** The run that goes on is stopped, so that the next one has its turn. */
const ends = async (one: Asked): Promise<void> => {
  const { number } = (await one.read()).runs[0]
  const came = await admin.post(`/api/runs/${number}/cancellation`, { reason: 'enough' })
  expect(came.status).toBe(202)
}
const pair = async (text: string): Promise<{ first: Asked; second: Asked }> => {
  const first = await asked(text)
  await says(first, /: (Waits for a runner|Planning)\./)
  return { first, second: await asked(text) }
}

test('it is said once, and the same message says how the run goes once there is one', { timeout: 60_000 }, async () => {
  const { first, second } = await pair('one <!here> `a`')
  const waits = await says(
    second,
    /^`one @here 'a'`: Waits for its turn: as many of its kind go on as may at once\.\n\n/,
  )
  expect(waits.text).toContain(`<${own.url}/deliveries/${second.delivery}|See it>`)
  expect(waits).toMatchObject({ thread_ts: second.ts, unfurl_links: false })
  expect(JSON.stringify(waits.blocks)).toContain(`/deliveries/${second.delivery}|Viewport>`)
  await ends(first)
  const runs = await says(second, /^`one @here 'a'`: (Waits for a runner|Planning)\./)
  expect(runs.ts).toBe(waits.ts)
  const { number } = (await second.read()).runs[0]
  expect(JSON.stringify(runs.blocks)).toContain(`/runs/${number}|Viewport run ${number}>`)
  await ends(second)
  expect((await says(second, /: Stopped\. /)).ts).toBe(waits.ts)
  expect(at.whispers).toEqual([]) // the thread says it
})

test('one that leaves the queue without a run says so, and no name of the workspace', { timeout: 60_000 }, async () => {
  const { second } = await pair('leaves b')
  const { ts } = await says(second, /Waits for its turn/)
  expect((await admin.put('/api/workflows/leaves/enabled', { enabled: false })).status).toBe(200)
  const left = await says(second, /^`leaves b`: Was not started\.\n\n<http\S+\/deliveries\/dlv_\w+\|See why>$/)
  expect(left.ts).toBe(ts)
  expect((await second.read()).verdict).toMatch(/did not start/)
})

test(
  'where the workflow keeps no status nothing is written, and whoever asked hears it alone',
  { timeout: 60_000 },
  async () => {
    const first = await asked('quiet c')
    const second = await asked('quiet c')
    await soon(async () =>
      expect(at.whispers.at(-1)).toMatchObject({ text: expect.stringMatching(/^It waits for its turn/) }),
    )
    await ends(first)
    await soon(async () => expect((await second.read()).runs).toHaveLength(1))
    expect([await ours(first), await ours(second)]).toEqual([[], []])
  },
)

test('what another company reads is a link alone', { timeout: 60_000 }, async () => {
  at.channels.set(support, { is_ext_shared: true })
  onTestFinished(() => void at.channels.delete(support))
  const first = await asked('one d')
  const second = await asked('one d')
  const { text } = await says(second, /^Viewport works on this\. How it goes is shown where the link leads/)
  expect(text).not.toContain('one d')
  await ends(first)
})

describe.each([
  ['before it is written', false],
  ['after it is written', true],
])('the program dies %s', (_when, happens) => {
  test('there is one message, and the run keeps it', { timeout: 60_000 }, async () => {
    const { first, second } = await (async () => {
      const one = await asked(`one e ${happens}`)
      await says(one, /./)
      const { spy, died } = dying(outside, ({ url }) => url.endsWith('/chat.postMessage'), happens)
      onTestFinished(() => spy.mockRestore())
      const two = await asked(`one e ${happens}`)
      await soon(async () => expect(died()).toBe(true))
      return { first: one, second: two }
    })()
    await ends(first)
    await says(second, /: (Waits for a runner|Planning)\./)
  })
})

test('what could not be said while it waited is said by its run', { timeout: 60_000 }, async () => {
  const first = await asked('one f')
  await says(first, /./)
  const ask = outside.ask
  let times = 0
  const spy = vi.spyOn(outside, 'ask').mockImplementation(async (request) => {
    if (!request.url.endsWith('/chat.postMessage')) return ask(request)
    times++
    return { status: 200, headers: {}, text: JSON.stringify({ ok: false, error: 'is_archived' }) }
  })
  onTestFinished(() => spy.mockRestore())
  const second = await asked('one f')
  await soon(async () => expect(times).toBeGreaterThan(0))
  spy.mockRestore()
  expect(await ours(second)).toEqual([])
  await ends(first)
  await says(second, /: (Waits for a runner|Planning)\./)
})

test('which run it will be is known while it waits, and it is that one', { timeout: 60_000 }, async () => {
  const first = await asked('one g')
  const second = await asked('one g')
  const promised = await inWorkspace(
    db,
    acme.id,
    async (tx) =>
      (
        await tx.query<{ run: string }>('select run from vp.queued_starts where workspace = $1 and delivery = $2', [
          acme.id,
          second.delivery,
        ])
      ).rows[0]!.run,
  )
  await ends(first)
  await soon(async () => expect((await second.read()).runs.map(({ run }: { run: string }) => run)).toEqual([promised]))
})

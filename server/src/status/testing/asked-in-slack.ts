/** Work that sam asks for in a thread of Slack, the message that says how it goes, and whoever presses a button there. Only tests import it. */
import { expect, vi } from 'vitest'
import { send, testPlane, type TestPerson } from '../../../test/plane.ts'
import { Story } from '../../../test/story.ts'
import { emulatedSlack, signedBy, tokens } from '../../tools/slack/testing/emulated.ts'
import { readied } from '../../tools/testing/bench.ts'
import { statusMark } from '../keep.ts'

// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
type Loose = any
export const signing = '8f742231b10e8888abcd99yyyzzz85a5'
export type Begun = { readonly ts: string; readonly run: string; readonly story: Story }

/** The whole control plane with a workspace acme; its Slack is connected by `ready`. Ended after the tests of the file. */
export const askedInSlack = async () => {
  const at = await emulatedSlack()
  const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1'] })
  const { db } = plane.context
  const acme = await workspace('acme', ['payments'])
  const { admin } = acme
  const support = at.channel('support')
  let hook = ''
  let serial = 0
  const soon = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 20_000, interval: 60 })
  const sent = (body: string, type: 'json' | 'x-www-form-urlencoded', secret: string) =>
    send('', 'POST', hook, { body, headers: { 'content-type': `application/${type}`, ...signedBy(secret)(body) } })
  return {
    at,
    db,
    acme,
    admin,
    support,
    soon,
    /** These workflows, and what `connect` connects beside Slack. `line`: Slack also tells over a connection that we open. sam asks and may not decide; kim, who is given back, may. */
    async ready(
      workflows: readonly string[],
      { line = false, connect = async () => {} }: { line?: boolean; connect?: () => Promise<void> } = {},
    ): Promise<TestPerson> {
      await readied(db, acme, {
        account: `slack:${at.team}/${at.user('sam')}`,
        connect: async () => {
          const values = { token: tokens.us, signing, base: at.url, ...(line && { app: tokens.app }) }
          hook = (await admin.post('/api/connections', { tool: 'slack', name: 'slack', values })).body.connection.url
          await connect()
        },
        workflows,
      })
      const kim = await acme.person('kim', { teams: ['payments'] })
      const account = `slack:${at.team}/${at.user('kim')}`
      await admin.post(`/api/people/${kim.id}/accounts`, { account, name: 'Kim' })
      return kim
    },
    /** sam mentions us. */
    async begun(text: string): Promise<Begun> {
      const words = `<@U0VIEWPORT> ${text}`
      const ts = await at.say(support, words)
      const event = { type: 'app_mention', user: at.user('sam'), team: at.team, text: words, ts, channel: support }
      const told = JSON.stringify(at.told(event, { event_id: `Ev${++serial}` }))
      const { delivery } = (await sent(told, 'json', signing)).body
      const run: string = await soon(async () => {
        const one = (await admin.get(`/api/deliveries/${delivery}`)).body
        expect(one.runs?.[0]?.run ?? one.runs?.[0]).toBeDefined()
        return one.runs[0].run ?? one.runs[0]
      })
      return { ts, run, story: new Story(db, acme.id, run) }
    },
    /** A form as Slack sends it: a command's fields, or the payload of a press. */
    form: (fields: Record<string, string>, secret = signing) =>
      sent(new URLSearchParams(fields).toString(), 'x-www-form-urlencoded', secret),
    /** Our message in its thread, once it says so. */
    message: ({ ts, run }: Pick<Begun, 'ts' | 'run'>, words: RegExp): Promise<Loose> =>
      soon(async () => {
        const own = (await at.thread(support, ts)).find((one) => one.metadata?.event_payload.intent === statusMark(run))
        expect(own?.text).toMatch(words)
        return own
      }),
    /** Who it is that presses, as Slack tells it. */
    from: (who: string) => ({
      team: { id: at.team, domain: 'acme' },
      api_app_id: 'A0VIEWPORT',
      user: { id: at.user(who), name: who, team_id: at.team },
    }),
    /** What was said to somebody alone. */
    heard: (words: RegExp) => soon(() => expect(at.whispers.at(-1)?.['text']).toMatch(words)),
  }
}

/** The buttons below a message. */
export const buttonsOf = (message: Loose): Loose[] =>
  message.blocks.find((block: Loose) => block.type === 'actions')?.elements ?? []

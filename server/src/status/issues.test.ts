/**
 * How a run goes, told below the issue that its work came from: at GitHub and Linear (programs of somebody else), and at GitLab and Jira (our own
 * emulators), with a whole control plane. One comment, whatever people and the tool do to it.
 */
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { failedWith, planned, started, usage } from '@viewportai/core/run/testing/play'
import { NotSent, NoWholeAnswer, type Answered, type Asked } from '@viewportai/core/tools/outside'
import { textOf } from '@viewportai/core/tools/jira/document'
import { testPlane, type TestPerson, type TestWorkspace } from '../../test/plane.ts'
import { Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { makeStuck } from '../stuck.ts'
import { dying, readied } from '../tools/testing/bench.ts'
import { emulatedGitHub, tokens as github } from '../tools/github/testing/emulated.ts'
import { sendSigned } from '../tools/github/testing/signed.ts'
import { emulatedGitLab, tokens as gitlab } from '../tools/gitlab/testing/emulated.ts'
import { emulatedJira, tokens as jira } from '../tools/jira/testing/emulated.ts'
import { emulatedLinear, keys } from '../tools/linear/testing/emulated.ts'
import { sweepStatuses } from './keep.ts'

const signing = 'whsec_c2VjcmV0LW9mLXRoZS13ZWJob29rLTAxMjM0NTY3ODk='
const hub = await emulatedGitHub()
const lin = await emulatedLinear()
const lab = await emulatedGitLab()
const jir = await emulatedJira()
const { plane, workspace, replica } = await testPlane({ nearHosts: ['127.0.0.1', 'localhost'] })
const others = await Promise.all([replica(), replica()])
const { db, outside, key, log, own } = plane.context

// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
type Loose = any
/** `raw`: as the tool keeps it, with its links. */
type Said = { readonly id: string; readonly text: string; readonly raw: string }
/** A tool, as these tests need it. `on`: what stands for the issue. */
type Place = {
  readonly values: Record<string, string>
  readonly account: string
  readonly trigger: string
  hooked(url: string): Promise<unknown>
  /** Somebody's issue, with a label (or an assignment) that starts the workflow. */
  asks(title: string): Promise<Loose>
  said(on: Loose): Promise<Said[]>
  edit(on: Loose, id: string, text: string): Promise<unknown>
  remove(on: Loose, id: string): Promise<unknown>
  isWrite(asked: Asked): boolean
  isChange(asked: Asked): boolean
  /** What the tool answers to whoever writes in a thread that is closed to them, of a revoked token, at a limit. */
  readonly no: Readonly<Record<'locked' | 'revoked' | 'limited' | 'archived', Answered>>
  /** Looks for a comment of ours. */
  isLook(asked: Asked): boolean
  /** Somebody deletes the issue: what the tool answers to whatever asks for it. */
  isAboutIssue(asked: Asked): boolean
  readonly gone: Answered
  readonly another: Record<string, string>
  readonly action: string
}
const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answered => ({
  status,
  headers,
  text: JSON.stringify(body),
})
const graphql = (pattern: string) => (asked: Asked) => asked.body?.includes(pattern) === true
const rest = (method: string, path: RegExp) => (asked: Asked) => asked.method === method && path.test(asked.url)

let hubHook = ''
const places: Record<string, Place> = {
  github: {
    values: { base: hub.url, token: github.us, webhook_secret: signing },
    account: `github:${new URL(hub.url).host}/${hub.ids.sam}`,
    trigger: 'event: issue_labeled, label: agent',
    hooked: async (url) => (hubHook = url),
    async asks(title) {
      const issue = await hub.ask(
        'POST',
        '/repos/acme/shop/issues',
        { title, body: 'Wrong.', labels: ['agent'] },
        github.sam,
      )
      const payload = {
        action: 'labeled',
        label: { name: 'agent' },
        issue,
        repository: await hub.ask('GET', '/repos/acme/shop'),
        sender: issue.user,
      }
      await sendSigned(hubHook, signing, 'issues', payload)
      return issue.number
    },
    said: async (on) =>
      (await hub.ask('GET', `/repos/acme/shop/issues/${on}/comments?per_page=100`))
        .filter((one: Loose) => one.user.login === 'viewport-acme')
        .map((one: Loose) => ({ id: String(one.id), text: one.body, raw: one.body })),
    edit: (_on, id, body) => hub.ask('PATCH', `/repos/acme/shop/issues/comments/${id}`, { body }, github.us),
    remove: (_on, id) => hub.ask('DELETE', `/repos/acme/shop/issues/comments/${id}`, undefined, github.us),
    isWrite: rest('POST', /\/issues\/\d+\/comments$/),
    isChange: rest('PATCH', /\/issues\/comments\/\d+$/),
    no: {
      locked: json(403, { message: 'Unable to create comment because issue is locked.' }),
      archived: json(403, { message: 'Repository was archived so is read-only.' }),
      revoked: json(401, { message: 'Bad credentials' }),
      limited: json(403, { message: 'You have exceeded a secondary rate limit.' }, { 'retry-after': '2' }),
    },
    isLook: rest('GET', /\/issues\/\d+\/comments\?/),
    isAboutIssue: rest('PATCH', /\/issues\/comments\/\d+$/),
    gone: json(404, { message: 'Not Found' }),
    another: { token: github.us },
    action: 'github.comment',
  },
  linear: {
    values: { base: lin.url, key: keys.us, signing },
    account: `linear:${lin.user('Sam')}`,
    trigger: 'event: issue_assigned, team: Payments, assignee: Viewport',
    hooked: (url) => lin.hooks(url, signing),
    async asks(title) {
      const issue = await lin.create({ title })
      await lin.update(issue.id, { assigneeId: lin.user('Viewport') })
      return issue.id
    },
    said: async (on) =>
      (await lin.issue(on)).comments.nodes
        .filter((one: Loose) => one.user.name === 'Viewport')
        .map((one: Loose) => ({ id: one.id, text: one.body, raw: one.body })),
    edit: (_on, id, body) =>
      lin.ask(
        'mutation ($id: String!, $input: CommentUpdateInput!) { commentUpdate(id: $id, input: $input) { success } }',
        { id, input: { body } },
        keys.us,
      ),
    remove: (_on, id) => lin.ask('mutation ($id: String!) { commentDelete(id: $id) { success } }', { id }, keys.us),
    isWrite: graphql('commentCreate('),
    isChange: graphql('commentUpdate('),
    no: {
      locked: json(200, { errors: [{ message: 'Cannot comment on this issue', extensions: { code: 'FORBIDDEN' } }] }),
      archived: json(200, { errors: [{ message: 'The team is archived', extensions: { code: 'INVALID_INPUT' } }] }),
      revoked: json(401, {
        errors: [{ message: 'Authentication required', extensions: { code: 'AUTHENTICATION_ERROR' } }],
      }),
      limited: json(
        400,
        { errors: [{ message: 'Rate limit exceeded', extensions: { code: 'RATELIMITED' } }] },
        { 'retry-after': '2' },
      ),
    },
    isLook: graphql('comments('),
    isAboutIssue: graphql('query Target('),
    gone: json(200, {
      errors: [{ message: 'Entity not found: Issue', extensions: { code: 'INPUT_ERROR' } }],
      data: null,
    }),
    another: { key: keys.us },
    action: 'linear.comment',
  },
  gitlab: {
    values: { base: lab.url, token: gitlab.us, webhook_secret: signing },
    account: `gitlab:${new URL(lab.url).host}/2`,
    trigger: 'event: issue_labeled, label: agent',
    hooked: async (url) => lab.hook(url, signing),
    async asks(title) {
      const issue = await lab.issue({ title })
      await lab.label(issue, 'agent')
      return issue
    },
    said: async (on) =>
      on.notes
        .filter((one: Loose) => one.author.username === 'viewport' && !one.system)
        .map((one: Loose) => ({ id: String(one.id), text: one.body, raw: one.body })),
    edit: async (on, id, body) =>
      Object.assign(
        on.notes.find((one: Loose) => String(one.id) === id),
        { body },
      ),
    remove: async (on, id) => void (on.notes = on.notes.filter((one: Loose) => String(one.id) !== id)),
    isWrite: rest('POST', /\/notes$/),
    isChange: rest('PUT', /\/notes\/\d+$/),
    no: {
      locked: json(403, { message: '403 Forbidden' }),
      archived: json(403, { message: '403 Forbidden - the project is archived' }),
      revoked: json(401, { message: '401 Unauthorized' }),
      limited: json(429, { message: 'Too Many Requests' }, { 'retry-after': '2' }),
    },
    isLook: rest('GET', /\/notes\?/),
    isAboutIssue: rest('PUT', /\/notes\/\d+$/),
    gone: json(404, { message: '404 Issue Not Found' }),
    another: { token: gitlab.us },
    action: 'gitlab.comment',
  },
  jira: {
    values: { site: jir.url, email: 'us@acme.dev', token: jira.us, signing },
    account: `jira:${jir.people.sam.accountId}`,
    trigger: 'event: issue_assigned, project: PAY, assignee: Viewport',
    hooked: async (url) => jir.hook(url, signing),
    async asks(title) {
      const issue = await jir.create({ summary: title })
      await jir.assign(issue.key, 'us')
      return issue
    },
    said: async (on) =>
      on.comments
        .filter((one: Loose) => one.author.accountId === jir.people.us.accountId)
        .map((one: Loose) => ({ id: one.id, text: textOf(one.body), raw: JSON.stringify(one.body) })),
    edit: async (on, id, text) =>
      Object.assign(
        on.comments.find((one: Loose) => one.id === id),
        {
          body: { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] },
        },
      ),
    remove: async (on, id) => void (on.comments = on.comments.filter((one: Loose) => one.id !== id)),
    isWrite: rest('POST', /\/comment$/),
    isChange: rest('PUT', /\/comment\/\d+\?/),
    no: {
      locked: json(403, { errorMessages: ['You do not have permission to comment on this work item.'] }),
      archived: json(400, { errorMessages: ['The project is archived.'] }),
      revoked: json(401, { errorMessages: ['Client must be authenticated to access this resource.'] }),
      limited: json(429, {}, { 'retry-after': '2' }),
    },
    isLook: rest('GET', /\/comment\?/),
    isAboutIssue: rest('GET', /\/issue\/[^/]+\?fields=/),
    gone: json(404, { errorMessages: ['Issue does not exist or you do not have permission to see it.'] }),
    another: { token: jira.us },
    action: 'jira.comment',
  },
}

const soon = <T>(look: () => Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 40_000, interval: 60 })

describe.each(Object.entries(places))('%s', (tool, place) => {
  let acme: TestWorkspace
  let lead: TestPerson
  let connection = ''
  beforeAll(async () => {
    acme = await workspace(`acme-${tool}`, ['payments'])
    const flow = (name: string, about: string, last: string): string => `name: ${name}
team: payments
trigger: { ${tool}: { ${place.trigger}, title: { prefix: ${about} } } }
repos: [acme/shop]
status: [${tool}]
steps:
  - { id: plan, mode: plan, prompt: Find the cause. }
  - { gate: plan_review, of: plan }
${last}`
    ;({ lead } = await readied(db, acme, {
      account: place.account,
      url: 'file:///srv/git/acme/shop.git',
      connect: async () => {
        const made = await acme.admin.post('/api/connections', { tool, name: tool, values: place.values })
        expect(made.body.detail ?? '').toBe('')
        connection = made.body.connection.id
        await place.hooked(made.body.connection.url)
      },
      workflows: [flow('told', 'Fix', ''), flow('acted', 'Act', `  - { action: ${place.action}, text: Seen. }\n`)],
    }))
  }, 60_000)

  let serial = 0
  const begun = async (words = 'Fix', rest = '@payments #7 `<!channel>` fixes #1') => {
    const title = `${words} ${tool} ${++serial} ${rest}`
    const on = await place.asks(title)
    const run = await soon(async () => {
      const { rows } = await inWorkspace(db, acme.id, (tx) =>
        tx.query<{ run: string; title: string }>('select run, title from vp.runs where workspace = $1', [acme.id]),
      )
      const found = rows.find((one) => one.title.startsWith(`${words} ${tool} ${serial} `))
      expect(found).toBeDefined()
      return found!.run
    })
    return { on, run, story: await new Story(db, acme.id, run).letGo() }
  }
  type Begun = Awaited<ReturnType<typeof begun>>
  /** What is told is told a quarter of a minute later at most; here it need not wait. */
  const hurry = (run: string) =>
    inWorkspace(db, acme.id, (tx) =>
      tx.query('update vp.run_statuses set next_at = 0 where workspace = $1 and run = $2', [acme.id, run]),
    )
  const row = async (run: string): Promise<Loose> =>
    (
      await inWorkspace(db, acme.id, (tx) =>
        tx.query(
          'select done_at is not null as done, problem, failures, message from vp.run_statuses where workspace = $1 and run = $2',
          [acme.id, run],
        ),
      )
    ).rows[0]
  /** The one comment says this. */
  const says = async ({ on, run }: Begun, words: RegExp): Promise<Said> => {
    await hurry(run)
    return soon(async () => {
      const all = await place.said(on)
      if (all.length === 0) await hurry(run)
      expect(all.map((one) => one.text)).toHaveLength(1)
      if (!words.test(all[0]!.text)) await hurry(run)
      expect(all[0]!.text).toMatch(words)
      return all[0]!
    })
  }
  /** The one comment, once our side knows which it is. */
  const known = async (one: Begun): Promise<Said> => {
    const said = await says(one, /./)
    await soon(async () => expect((await row(one.run)).message).toBe(said.id))
    return said
  }
  const decided = async (story: Story, verdict: string) => {
    const gate = await story.gate()
    const comment = verdict === 'approve' ? {} : { comment: 'Round up @everyone.' }
    const made = await lead.post(`/api/gates/${gate.id}/decisions`, { verdict, digest: gate.digest, ...comment })
    expect({ status: made.status, body: made.body }).toMatchObject({ status: 201 })
    return gate
  }
  /** The tool answers so, instead of doing it, until told otherwise. */
  const answering = (isIt: (asked: Asked) => boolean, answer: Answered | Error) => {
    const ask = outside.ask
    let times = 0
    const spy = vi.spyOn(outside, 'ask').mockImplementation(async (asked) => {
      if (!isIt(asked)) return ask(asked)
      times++
      if (answer instanceof Error) throw answer
      return answer
    })
    onTestFinished(() => void spy.mockRestore())
    return { times: () => times, over: () => spy.mockRestore() }
  }

  test('one comment, from the queue to the end, in words that call nobody', { timeout: 90_000 }, async () => {
    const one = await begun()
    const first = await says(one, /: Waits for a runner\./)
    expect(first.raw).toMatch(/http:\/\/127\.0\.0\.1:\d+\/runs\/\d+/)
    expect(first.text).not.toMatch(/Round up/)
    await one.story.report('plan', started)
    await says(one, /: Planning\./)
    await one.story.report('plan', planned)
    const waits = await says(one, /: Waits for .*@payments.* to approve the plan\./)
    expect(waits.raw).toContain(`/inbox/${(await one.story.gate()).id}`)
    await decided(one.story, 'request_changes')
    const back = await says(one, /: Sent back: changes were asked for\. Waits for a runner\./)
    expect(back.text).not.toContain('Round up') // what a person said is on the run's page
    expect(back.raw).not.toContain('/inbox/')
    await one.story.report('plan', started)
    await says(one, /: Planning again: changes were asked for\./)
    await one.story.report('plan', planned)
    await says(one, /to approve the plan\./)
    await decided(one.story, 'approve')
    const last = await says(one, /: Done\./)
    expect(last.id).toBe(first.id)
    await soon(async () => expect(await row(one.run)).toMatchObject({ done: true, problem: null }))
    // Names and titles from outside stand in code, of which no tool makes a mention or a link.
    if (tool !== 'jira') expect(last.text).toMatch(/^(`+) .*@payments #7.* \1: /)
  })

  test('refused, failed and stopped are told, with the reason in quotes', { timeout: 90_000 }, async () => {
    const refused = await begun()
    await refused.story.finishes('plan', planned)
    await decided(refused.story, 'reject')
    await says(refused, /: Refused by a person\./)
    const failed = await begun()
    await failed.story.report('plan', started)
    await failed.story.report('plan', { type: 'failed', failure: failedWith('agent'), usage, log: null, millis: 1 })
    await says(failed, /: Waits for .* to say what to do about a step that failed\./)
    const gate = await failed.story.gate()
    const answer = { verdict: 'answer', digest: gate.digest, answer: { choice: 'stop', text: null } }
    expect((await lead.post(`/api/gates/${gate.id}/decisions`, answer)).status).toBe(201)
    await says(failed, /: (Failed|Stopped|Refused by a person)\./)
    const stopped = await begun()
    expect((await lead.post(`/api/runs/${stopped.run}/cancellation`, { reason: 'Not now.' })).status).toBeLessThan(300)
    await says(stopped, /: Stopped\./)
  })

  test(
    'of an effect of which nobody knows whether it happened, and of one that could not be done',
    { timeout: 90_000 },
    async () => {
      const one = await begun('Act')
      await says(one, /./)
      const id = (await place.said(one.on))[0]!.id
      await one.story.finishes('plan', planned)
      const no = answering(place.isWrite, place.no.locked)
      await decided(one.story, 'approve')
      await says(one, /: Waits for .* to say what becomes of something that could not be done\./)
      no.over()
      expect((await place.said(one.on)).map((said) => said.id)).toEqual([id])
    },
  )

  test(
    'of an effect of which nobody knows: it says so, and does not say that it was done',
    { timeout: 90_000 },
    async () => {
      const one = await begun('Act')
      const { id } = await known(one)
      await one.story.finishes('plan', planned)
      // The comment is written or not, and the tool can be asked neither then nor afterwards.
      const lost = json(502, {})
      const no = answering((asked) => place.isWrite(asked) || place.isLook(asked), lost)
      await decided(one.story, 'approve')
      await soon(async () => {
        // The looks for it, which take longer each time, are not waited for here.
        await inWorkspace(db, acme.id, (tx) =>
          tx.query('update vp.due set at = 0 where workspace = $1 and run = $2 and done_at is null', [
            acme.id,
            one.run,
          ]),
        )
        const open = Object.values((await one.story.state()).gates).filter((gate) => gate.state === 'open')
        expect(open).toMatchObject([{ subject: { about: expect.stringMatching(/^effect:/) } }])
      })
      expect(Object.values((await one.story.state()).intents)).toMatchObject([{ state: 'unknown' }])
      const said = await says(one, /: Waits for .* to find out whether something was done: nobody knows\./)
      expect(said.id).toBe(id)
      no.over()
    },
  )

  test(
    'where it is never taken the run goes on to its end, and says once why it is told no more',
    { timeout: 90_000 },
    async () => {
      const no = answering(place.isWrite, place.no.archived)
      const one = await begun()
      await one.story.finishes('plan', planned)
      await decided(one.story, 'approve')
      await soon(async () => expect((await one.story.state()).finished?.outcome).toBe('succeeded'))
      await soon(async () => {
        await hurry(one.run)
        expect(await row(one.run)).toMatchObject({ done: true, problem: expect.stringMatching(/archived/) })
      })
      const told = async () =>
        JSON.stringify((await acme.admin.get(`/api/runs/${one.run}/timeline`)).body).match(
          /How it goes is not told any more where the work came from/g,
        )
      await soon(async () => expect(await told()).toHaveLength(1))
      expect((await one.story.state()).counts.refusals).toBe(1)
      const before = no.times()
      expect(before).toBeLessThanOrEqual(8)
      await hurry(one.run)
      await sweepStatuses(
        { db, key, outside, signing: plane.context.signing, address: () => own.url, log },
        makeStuck(() => {}),
      )
      expect(no.times()).toBe(before)
      expect(await place.said(one.on)).toEqual([])
    },
  )

  test('the issue is deleted: it is asked once, and the run says so', { timeout: 60_000 }, async () => {
    const one = await begun()
    await known(one)
    const no = answering(place.isAboutIssue, place.gone)
    await one.story.finishes('plan', planned)
    await hurry(one.run)
    await soon(async () => expect(await row(one.run)).toMatchObject({ done: true, failures: 0 }))
    expect(no.times()).toBe(1)
    await soon(async () => expect((await one.story.state()).counts.refusals).toBe(1))
    await decided(one.story, 'approve')
    await soon(async () => expect((await one.story.state()).finished?.outcome).toBe('succeeded'))
  })

  test.each([
    ['cannot be reached', new NotSent('there is no way to it')],
    ['breaks off every time', new NoWholeAnswer('the connection was cut')],
  ])('a tool that %s is not asked for ever', { timeout: 60_000 }, async (_what, error) => {
    const one = await begun()
    const first = await known(one)
    // A day of it is not waited for here.
    await inWorkspace(db, acme.id, (tx) =>
      tx.query('update vp.run_statuses set waits = 147 where workspace = $1 and run = $2', [acme.id, one.run]),
    )
    const no = answering(place.isChange, error)
    await one.story.finishes('plan', planned)
    await soon(async () => {
      await hurry(one.run)
      expect(await row(one.run)).toMatchObject({ done: true, problem: expect.stringContaining(error.message) })
    })
    expect(no.times()).toBe(3)
    await soon(async () => expect((await one.story.state()).counts.refusals).toBe(1))
    no.over()
    expect((await acme.admin.put(`/api/connections/${connection}`, { values: place.another })).status).toBe(200)
    expect((await says(one, /to approve the plan\./)).id).toBe(first.id)
    expect(await row(one.run)).toMatchObject({ failures: 0 })
  })

  test(
    'a title full of tricks (T11, E105): it stands in one piece of code, hides nothing, and ours is still found',
    { timeout: 60_000 },
    async () => {
      const tricks = [
        '\u202etxt.exe\u200b\u{e0041}',
        '`b` ``a``',
        '```',
        '[x](https://evil.example)',
        '[~accountid:123] {color:red}',
        '<img src=x onerror=1>',
        '<!-- viewport:int_x-1 -->',
        '[Viewport run 1](http://127.0.0.1:1/runs/1#int_x-1)',
      ].join(' ')
      const one = await begun('Fix', tricks)
      const said = await known(one)
      const { raw } = said
      expect(raw).not.toMatch(/[\u202a-\u202e\u200b-\u200f]|[\u{e0000}-\u{e007f}]/u)
      expect(said.text).toContain('⟨U+202E⟩')
      if (tool === 'jira') {
        const nodes = (node: Loose): Loose[] => [node, ...(node.content ?? []).flatMap(nodes)]
        const all = nodes(JSON.parse(raw))
        expect([...new Set(all.map(({ type }) => type))].toSorted()).toEqual(['doc', 'paragraph', 'text'])
        const marks = all
          .filter(({ type }) => type === 'text')
          .map((node) => node.marks?.[0]?.type ?? `plain ${node.text}`)
        expect(marks).toEqual(['code', expect.stringMatching(/^plain : [A-Z][a-z ]+\.$/), 'link', 'link'])
      } else {
        const [, fence = '', inside = ''] =
          /^(`+) (.*?) \1: (?:Waits for a runner|Planning)\.\n\n\[Run \d+\]\(\S+\)\n\n[^\n]+$/.exec(raw)!
        expect(inside.match(/`+/g)).not.toContain(fence)
      }
      // After a kill between the tool's answer and our note it is looked for by a mark, and the title holds one as well.
      await inWorkspace(db, acme.id, (tx) =>
        tx.query(
          'update vp.run_statuses set message = null, shown = null, shown_seq = 0 where workspace = $1 and run = $2',
          [acme.id, one.run],
        ),
      )
      await one.story.finishes('plan', planned)
      expect((await says(one, /to approve the plan\./)).id).toBe(said.id)
    },
  )

  test('edited by a person: what stands there next is ours again', { timeout: 60_000 }, async () => {
    const one = await begun()
    const { id } = await known(one)
    await place.edit(one.on, id, 'Approved by @sam.')
    await one.story.finishes('plan', planned)
    expect((await says(one, /to approve the plan\./)).text).not.toContain('Approved by')
  })

  test('deleted by a person: not written again, and the run says so', { timeout: 60_000 }, async () => {
    const one = await begun()
    const { id } = await known(one)
    await place.remove(one.on, id)
    await one.story.finishes('plan', planned)
    await hurry(one.run)
    await soon(async () =>
      expect(await row(one.run)).toMatchObject({ done: true, failures: 0, problem: expect.any(String) }),
    )
    await soon(async () => expect((await one.story.state()).counts.refusals).toBe(1))
    await decided(one.story, 'approve')
    expect(await place.said(one.on)).toEqual([])
    // Nor when the connection gets another token: it stays as the person wanted it.
    expect((await acme.admin.put(`/api/connections/${connection}`, { values: place.another })).status).toBe(200)
    expect(await row(one.run)).toMatchObject({ done: true })
  })

  test.each(['locked', 'revoked'] as const)(
    '%s: it gives up in words, and goes on once the connection is changed',
    { timeout: 90_000 },
    async (why) => {
      const one = await begun()
      const first = await known(one)
      // The eight tries are waited for once per tool.
      if (why === 'revoked')
        await inWorkspace(db, acme.id, (tx) =>
          tx.query('update vp.run_statuses set failures = 6 where workspace = $1 and run = $2', [acme.id, one.run]),
        )
      const no = answering((asked) => place.isChange(asked), place.no[why])
      await one.story.finishes('plan', planned)
      await soon(async () => {
        await hurry(one.run)
        expect(await row(one.run)).toMatchObject({ done: true, problem: expect.any(String) })
      })
      expect(no.times()).toBe(why === 'revoked' ? 2 : 8)
      const { problem } = await row(one.run)
      expect(problem).not.toMatch(/undefined|\[object/)
      await soon(async () => expect((await one.story.state()).counts.refusals).toBe(1))
      no.over()
      expect((await acme.admin.put(`/api/connections/${connection}`, { values: place.another })).status).toBe(200)
      expect((await says(one, /to approve the plan\./)).id).toBe(first.id)
    },
  )

  test('a limit is kept to, and then the last state stands there', { timeout: 60_000 }, async () => {
    const one = await begun()
    const first = await known(one)
    const no = answering((asked) => place.isChange(asked), place.no.limited)
    await one.story.finishes('plan', planned)
    await hurry(one.run)
    await soon(async () => expect(no.times()).toBe(1))
    await soon(async () => expect((await row(one.run)).problem).toMatch(/limits the rate/))
    no.over()
    await decided(one.story, 'approve')
    await soon(async () => {
      const all = await place.said(one.on)
      expect(all).toMatchObject([{ id: first.id, text: expect.stringMatching(/: Done\./) }])
    })
    expect((await one.story.state()).counts.refusals).toBe(0)
  })

  describe.each([
    ['before it is written', 'isWrite', false],
    ['after it is written', 'isWrite', true],
    ['after it is changed', 'isChange', true],
  ] as const)('the program dies %s', (_when, isIt, happens) => {
    test('one comment, and it reaches the last state', { timeout: 90_000 }, async () => {
      const { spy, died } = dying(outside, place[isIt], happens)
      onTestFinished(() => void spy.mockRestore())
      const one = await begun()
      await one.story.finishes('plan', planned)
      await says(one, /to approve the plan/)
      await decided(one.story, 'approve')
      await says(one, /: Done\./)
      expect(died()).toBe(true)
    })
  })

  test(
    'what was written and never noted is found by another replica, and by many at once',
    { timeout: 60_000 },
    async () => {
      const one = await begun()
      const { id } = await known(one)
      // As it stands after a kill -9 between the tool's answer and the commit.
      await inWorkspace(db, acme.id, (tx) =>
        tx.query(
          'update vp.run_statuses set message = null, shown = null, shown_seq = 0, next_at = 0 where workspace = $1 and run = $2',
          [acme.id, one.run],
        ),
      )
      await Promise.all(
        [db, ...others.map((other) => other.context.db)].map((each) =>
          sweepStatuses(
            { db: each, key, outside, signing: plane.context.signing, address: () => own.url, log },
            makeStuck(() => {}),
          ),
        ),
      )
      await soon(async () => expect((await row(one.run)).message).toBe(id))
      expect((await place.said(one.on)).map((said) => said.id)).toEqual([id])
    },
  )
})

/** *Decide here*: a gate that no thread may read is shown whole to whoever may decide it, in a dialog; what they choose there decides, once (T28, E93-E96, E105). */
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { body, planned, started } from '@viewportai/core/run/testing/play'
import type { Report } from '@viewportai/core/wire/messages'
import type { TestPerson } from '../../test/plane.ts'
import type { Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { emulatedLinear, keys } from '../tools/linear/testing/emulated.ts'
import { askedInSlack, buttonsOf, type Begun } from './testing/asked-in-slack.ts'

// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
type Loose = any
type Ask = Extract<Report, { type: 'ask' }>
const { at, db, acme, admin, support, soon, ready, begun, message, form, from, heard } = await askedInSlack()
const lin = await emulatedLinear()
let kim: TestPerson
let issue = ''

beforeAll(async () => {
  issue = (await lin.create({ title: 'Charged twice' })).identifier
  const flow = (name: string, steps: string): string =>
    `name: ${name}\nteam: payments\ntrigger: { slack: { event: app_mention, text: { prefix: ${name} } } }\nrepos: [acme/shop]\nsteps:\n${steps}`
  kim = await ready(
    [
      flow(
        'ticket',
        `  - { id: look, mode: plan, prompt: Look. }
  - { gate: say_ok, of: say }
  - { id: say, action: linear.comment, issue: ${issue}, text: "About {{ trigger.text }}" }
`,
      ),
      flow(
        'quote',
        `  - { id: look, mode: read, prompt: Look. }
  - { gate: say_ok, of: say }
  - { id: say, action: linear.comment, issue: ${issue}, text: "{{ steps.look.text }}" }
`,
      ),
      flow(
        'both',
        `  - { id: look, mode: read, prompt: Look. }
  - { gate: say_ok, of: say, required: 2 }
  - { id: say, action: linear.comment, issue: ${issue}, text: "{{ steps.look.text }}" }
`,
      ),
      flow('work', `  - { id: look, mode: plan, prompt: Look. }\n  - { gate: plan_review, of: look }\n`),
    ],
    {
      line: true,
      async connect() {
        const linear = { tool: 'linear', name: 'linear', values: { key: keys.us, base: lin.url } }
        expect((await admin.post('/api/connections', linear)).status).toBe(201)
        await acme.person('pat', { teams: ['payments'] }) // the second of two voices
      },
    },
  )
}, 60_000)

const post = (payload: Loose) => form({ payload: JSON.stringify(payload) })
/** Somebody presses a button; Slack gives them a trigger of their own. */
const press = async (of: Loose, ts: string, value: string, who: string, more: Loose = {}) => {
  at.whispers.length = 0
  at.dialogs.length = 0
  return post({
    type: 'block_actions',
    ...from(who),
    trigger_id: await at.trigger(at.user(who)),
    channel: { id: support, name: 'support' },
    message: { ts: of.ts, thread_ts: ts },
    actions: [{ action_id: 'show', block_id: 'x', type: 'button', value, action_ts: '1' }],
    ...more,
  })
}
const dialog = (): Promise<Loose> =>
  soon(() => {
    expect(at.dialogs).toHaveLength(1)
    return at.dialogs[0]!.view
  })
/** Somebody sends the dialog off. */
const submit = async (view: Loose, who: string, choice: string | null, words = '', more: Loose = {}) => {
  at.whispers.length = 0
  const values = {
    choice: { choice: { type: 'radio_buttons', selected_option: choice === null ? null : { value: choice } } },
    words: { words: { type: 'plain_text_input', value: words === '' ? null : words } },
  }
  return post({ type: 'view_submission', ...from(who), view: { ...view, state: { values }, ...more } })
}
const shownIn = (view: Loose): string => view.blocks[1].text.text
const optionsOf = (view: Loose): string[] =>
  view.blocks.find((one: Loose) => one.block_id === 'choice').element.options.map((one: Loose) => one.value)
let serial = 0
const ask = (over: Partial<Ask>): Ask => ({
  type: 'ask',
  ask: `ask${++serial}`,
  argv: null,
  cwd: null,
  reason: null,
  question: null,
  choices: [],
  ...over,
})
const asking = async (over: Partial<Ask>): Promise<Begun> => {
  const one = await begun('work')
  await one.story.report('look', started)
  await one.story.report('look', ask(over))
  return one
}
/** A gate that waits, its message, and the value of its one button. */
const waits = async (one: Begun, words: RegExp) => {
  const of = await message(one, words)
  const gate = await one.story.gate()
  const [button] = buttonsOf(of)
  return { ...one, of, gate, button, value: button?.value as string }
}
const gateNow = async ({ story, gate }: { story: Story; gate: { id: string } }) => (await story.state()).gates[gate.id]!

test(
  'a comment at another tool, in the words of the workflow, is decided in the thread',
  { timeout: 60_000 },
  async () => {
    const one = await begun('ticket 7 <!channel>')
    await one.story.finishes('look', planned)
    const of = await message(one, /to approve an action/)
    const [approve, reject] = buttonsOf(of)
    expect([approve.text.text, reject.text.text]).toEqual(['Approve', 'Reject'])
    const whole = of.blocks.find((block: Loose) => block.text?.text.startsWith('```'))
    expect(whole).toMatchObject({ expand: true, text: { verbatim: true } }) // nothing behind See more
    expect(whole.text.text).toMatch(new RegExp(`linear\\.comment on ${issue}`))
    await press(of, one.ts, approve.value, 'kim')
    await heard(/^Viewport: `Approved\.`$/)
    await soon(async () => expect((await one.story.state()).finished?.outcome).toBe('succeeded'))
  },
)

describe('what an agent wrote', () => {
  let one: Awaited<ReturnType<typeof waits>>
  beforeAll(async () => {
    const run = await begun('quote')
    const plan = planned as Loose
    await run.story.finishes('look', {
      ...plan,
      result: { kind: 'text', body: plan.result.body, text: 'The secret is in vault.ts.' },
    } as Report)
    one = await waits(run, /to approve an action/)
  }, 60_000)

  test('is not in the thread, and is shown whole to whoever may decide', async () => {
    expect(JSON.stringify(one.of)).not.toContain('vault.ts')
    expect(buttonsOf(one.of).map((button) => button.text.text)).toEqual(['Decide here'])
    await press(one.of, one.ts, one.value, 'kim')
    const view = await dialog()
    expect(shownIn(view)).toContain('vault.ts')
    expect(view.blocks[1]).toMatchObject({ expand: true })
    expect(optionsOf(view)).toEqual(['approve', 'reject'])
    expect(JSON.stringify(view.blocks)).not.toContain('initial_option') // nothing is chosen beforehand
    expect(await gateNow(one)).toMatchObject({ state: 'open', votes: [] })
  })
  test.each([
    ['whoever asked for the work', 'sam', {}, /Nothing is shown: /],
    ['an account that nobody linked', 'gus', {}, /is nobody here/],
    [
      'a copy of the message elsewhere',
      'kim',
      { message: { ts: '1764411900.000200' } },
      /decided or has changed since/,
    ],
  ])('%s sees nothing of it', async (_who, who, more, words) => {
    await press(one.of, one.ts, one.value, who, more)
    await heard(words)
    expect(at.dialogs).toEqual([])
    expect(at.whispers.map(({ text }) => text).join()).not.toContain('vault.ts')
  })
  test('a dialog that somebody else sends off, that carries another gate, digest or message, or no choice, decides nothing', async () => {
    await press(one.of, one.ts, one.value, 'kim')
    const view = await dialog()
    const held = JSON.parse(view.private_metadata)
    const holding = (over: object): object => ({ private_metadata: JSON.stringify({ ...held, ...over }) })
    for (const [who, choice, more, words] of [
      ['sam', 'approve', {}, /Nothing is decided: /],
      ['gus', 'approve', {}, /is nobody here/],
      [
        'kim',
        'approve',
        holding({ value: held.value.replace(/[0-9a-f]{64}/, 'a'.repeat(64)) }),
        /Nothing is decided: /,
      ],
      ['kim', 'approve', holding({ value: held.value.replace(/.{32}$/, '0'.repeat(32)) }), /has changed since/],
      ['kim', 'approve', holding({ on: `${support}/1764411900.000200` }), /has changed since/],
      [
        'kim',
        'approve',
        holding({ value: held.value.replace(/gate_[\w-]+/, 'gate_xxxxxxxxxxxxxxxxxxxx') }),
        /has changed since/,
      ],
      [
        'kim',
        'approve',
        holding({ value: held.value.replace('decide', 'approve') }),
        /Nothing is decided by this button/,
      ],
      ['kim', null, {}, /Nothing is decided: /],
      ['kim', 'request_changes', {}, /Nothing is decided: /],
      ['kim', 'answer:go_on', {}, /Nothing is decided: /],
    ] as const) {
      expect((await submit(view, who, choice, '', more)).status).toBe(200)
      await heard(words)
    }
    expect(await gateNow(one)).toMatchObject({ state: 'open', votes: [] })
  })
  test('a button value that is sent as if it were in a message decides nothing', async () => {
    await press(one.of, one.ts, one.value.replace(/^show/, 'decide'), 'kim')
    await heard(/Nothing is decided by this button/)
    expect(await gateNow(one)).toMatchObject({ state: 'open', votes: [] })
  })
  test('decides for whoever sends it off, once', { timeout: 30_000 }, async () => {
    await press(one.of, one.ts, one.value, 'kim')
    const view = await dialog()
    await submit(view, 'kim', 'approve')
    await heard(/^Viewport: `Approved\.`$/)
    const { votes } = await gateNow(one)
    expect(votes).toEqual([
      expect.objectContaining({ person: kim.id, verdict: 'approve', via: { surface: 'slack', auth: 'account' } }),
    ])
    await submit(view, 'kim', 'reject')
    await heard(/has changed since/)
    await press(one.of, one.ts, one.value, 'kim')
    await heard(/has changed since/)
    expect((await gateNow(one)).votes).toHaveLength(1)
  })
})

test('whoever has voted where two are needed is shown nothing again', { timeout: 60_000 }, async () => {
  const run = await begun('both')
  const plan = planned as Loose
  const result = { kind: 'text', body: plan.result.body, text: 'The secret is in vault.ts.' }
  await run.story.finishes('look', { ...plan, result } as Report)
  const one = await waits(run, /to approve an action/)
  const voted = { verdict: 'approve', digest: one.gate.digest, answer: null, comment: null }
  expect((await kim.post(`/api/gates/${one.gate.id}/decisions`, voted)).status).toBe(201)
  expect(await gateNow(one)).toMatchObject({ state: 'open', votes: [{ person: kim.id }] })
  // The message is written anew meanwhile, with a button of its own.
  await soon(async () => {
    const of = await message(run, /to approve an action/)
    await press(of, one.ts, buttonsOf(of)[0].value, 'kim')
    await vi.waitFor(() => expect(at.whispers.at(-1)?.['text']).toMatch(/Nothing is shown: you have voted\./), 2_000)
  })
  expect(at.dialogs).toEqual([])
})

describe('a command that an agent asks to run', () => {
  test(
    'stands with its boundaries and its folder; changes can be asked for, in words',
    { timeout: 60_000 },
    async () => {
      const one = await waits(
        await asking({ argv: ['rm', '-rf', 'a b', '--', 'c\nd'], cwd: 'src', reason: 'To clean up.' }),
        /to allow a command/,
      )
      expect(JSON.stringify(one.of)).not.toContain('rm')
      await press(one.of, one.ts, one.value, 'kim')
      const view = await dialog()
      expect(shownIn(view)).toBe('```\nRun: rm -rf "a b" -- "c\\nd"\nIn: "src"\nThe agent says why: To clean up.\n```')
      expect(optionsOf(view)).toEqual(['approve', 'request_changes', 'reject'])
      await submit(view, 'kim', 'request_changes')
      await heard(/Nothing is decided: /) // without words there is nothing to change
      await submit(view, 'kim', 'request_changes', 'Only what is in tmp/.')
      await heard(/Changes asked for/)
      expect((await gateNow(one)).votes).toMatchObject([
        { verdict: 'request_changes', comment: 'Only what is in tmp/.' },
      ])
    },
  )

  test.each([
    ['E93 an escape sequence', ['echo', '\u001b]52;c;x\u0007']],
    ['E94 bidi', ['rm', 'a\u202etxt.sh']],
    ['E94 zero width', ['rm', 'a\u200bb']],
    ['E94 a letter of another alphabet', ['curl', 'https://\u0430pple.com']],
    ['E94 tags', ['echo', '\u{e0041}']],
    ['E94 a blank that is none', ['rm', 'a\u00a0b']],
    ['E95 a tail pushed out of sight', ['echo', `ok${' '.repeat(200)}; rm -rf /`]],
    ['E95 too long', ['echo', 'x'.repeat(2_100)]],
    ['E96 a fence', ['echo', '```']],
  ])('%s: it has a link alone', { timeout: 40_000 }, async (_what, argv) => {
    const one = await waits(await asking({ argv, cwd: '.' }), /to allow a command/)
    expect(buttonsOf(one.of)).toEqual([])
    expect(one.of.text).toContain('Open it in the inbox')
  })
})

describe('a question', () => {
  test('is answered by one of its choices, with words', { timeout: 60_000 }, async () => {
    const reason = 'Which one, <@U024BE7LH> or <https://evil.example|https://good.example>?\nSay it.'
    // As a runner sends it: the whole text is a body at the edge as well.
    const question = body(`${reason}\n`, 'question')
    const one = await waits(
      await asking({ reason, question, choices: ['Half up', 'Half even'] }),
      /to answer a question/,
    )
    await press(one.of, one.ts, one.value, 'kim')
    const view = await dialog()
    expect(shownIn(view)).toBe(
      '```\nThe agent asks:\nWhich one, &lt;@U024BE7LH&gt; or &lt;https://evil.example|https://good.example&gt;?\nSay it.\n```',
    )
    expect(optionsOf(view)).toEqual(['answer:c1', 'answer:c2'])
    await submit(view, 'kim', 'answer:c9')
    await heard(/Nothing is decided: /)
    await submit(view, 'kim', 'answer:c2', 'As the bank does.')
    await heard(/Answered/)
    expect((await gateNow(one)).votes).toMatchObject([{ answer: { choice: 'c2', text: 'As the bank does.' } }])
  })
  test('whose words are at the edge has a link alone', { timeout: 40_000 }, async () => {
    const question = body('Which?\nAnd much more.\n', 'question')
    const one = await waits(await asking({ reason: 'Which?', question, choices: ['A'] }), /to answer a question/)
    expect(buttonsOf(one.of)).toEqual([])
  })
})

test(
  'a gate that was decided, or whose message was deleted, while the dialog was open',
  { timeout: 60_000 },
  async () => {
    const one = await waits(await asking({ reason: 'Which?', choices: ['A', 'B'] }), /to answer a question/)
    await press(one.of, one.ts, one.value, 'kim')
    const view = await dialog()
    const answered = { verdict: 'answer', digest: one.gate.digest, answer: { choice: 'c1', text: null } }
    expect((await kim.post(`/api/gates/${one.gate.id}/decisions`, answered)).status).toBe(201)
    await submit(view, 'kim', 'answer:c2')
    await heard(/Nothing is decided: /)
    expect((await gateNow(one)).votes).toHaveLength(1)
    // Somebody who lost the right while it was open.
    const other = await waits(await asking({ reason: 'Which?', choices: ['A', 'B'] }), /to answer a question/)
    await press(other.of, other.ts, other.value, 'kim')
    const open = await dialog()
    await inWorkspace(db, acme.id, (tx) =>
      tx.query('update vp.people set active = false where workspace = $1 and person = $2', [acme.id, kim.id]),
    )
    await submit(open, 'kim', 'answer:c2')
    await heard(/is nobody here/)
    expect(await gateNow(other)).toMatchObject({ state: 'open', votes: [] })
    await inWorkspace(db, acme.id, (tx) =>
      tx.query('update vp.people set active = true where workspace = $1 and person = $2', [acme.id, kim.id]),
    )
  },
)

test('a plan has a link and no buttons; a value of ours for it shows nothing', { timeout: 60_000 }, async () => {
  const one = await begun('work')
  await one.story.finishes('look', planned)
  const of = await message(one, /to approve the plan/)
  expect(buttonsOf(of)).toEqual([])
  const gate = await one.story.gate()
  await press(of, one.ts, `show ${gate.id} ${gate.digest} ${'0'.repeat(32)}`, 'kim')
  await heard(/has changed since/)
  expect(at.dialogs).toEqual([])
})

describe('over a connection that we opened (Socket Mode)', () => {
  let envelopes = 0
  /** What Slack tells over the line; it is acknowledged. */
  const told = async (payload: Loose) => {
    const id = `envelope-${++envelopes}`
    const [line] = await soon(() => {
      expect(at.sockets.size).toBeGreaterThan(0)
      return [...at.sockets]
    })
    line!.send(JSON.stringify({ type: 'interactive', envelope_id: id, payload, accepts_response_payload: true }))
    await soon(() => expect(at.acks.find((ack) => ack.envelope_id === id)).toEqual({ envelope_id: id }))
  }
  const pressed = async (
    { of, ts, value }: { of: Loose; ts: string; value: string },
    who: string,
    more: Loose = {},
  ) => {
    at.whispers.length = 0
    at.dialogs.length = 0
    await told({
      type: 'block_actions',
      ...from(who),
      trigger_id: await at.trigger(at.user(who)),
      channel: { id: support, name: 'support' },
      message: { ts: of.ts, thread_ts: ts },
      actions: [{ action_id: 'show', block_id: 'x', type: 'button', value, action_ts: '1' }],
      ...more,
    })
  }
  const sent = async (view: Loose, who: string, choice: string, more: Loose = {}) => {
    at.whispers.length = 0
    const values = {
      choice: { choice: { type: 'radio_buttons', selected_option: { value: choice } } },
      words: { words: { type: 'plain_text_input', value: null } },
    }
    await told({ type: 'view_submission', ...from(who), view: { ...view, state: { values }, ...more } })
  }
  let one: Awaited<ReturnType<typeof waits>>
  beforeAll(async () => {
    one = await waits(await asking({ reason: 'Which?', choices: ['Half up', 'Half even'] }), /to answer a question/)
  }, 60_000)

  test('whoever may decide sees it; nobody else does', { timeout: 30_000 }, async () => {
    for (const [who, more, words] of [
      ['gus', {}, /is nobody here/],
      // Of another company, in a channel that it shares with this one; their id may be anybody's.
      ['kim', { user: { id: at.user('kim'), name: 'kim', team_id: 'T0OTHER01' } }, /is nobody here/],
    ] as const) {
      await pressed(one, who, more)
      await heard(words)
      expect(at.dialogs).toEqual([])
    }
    await pressed(one, 'kim')
    expect(shownIn(await dialog())).toContain('Which?')
  })

  test('of another workspace or app it is refused, and nothing is shown', { timeout: 30_000 }, async () => {
    for (const more of [{ team: { id: 'T0OTHER01' } }, { api_app_id: 'A0OTHER01' }]) {
      await pressed(one, 'kim', more)
      await pressed(one, 'gus') // what comes after it was worked on
      await heard(/is nobody here/)
      expect(at.dialogs).toEqual([])
    }
  })

  test('what a dialog holds is believed only where it is ours, whole', { timeout: 30_000 }, async () => {
    await pressed(one, 'kim')
    const view = await dialog()
    const held = JSON.parse(view.private_metadata)
    for (const metadata of [
      '',
      '{',
      'null',
      '[]',
      '{"value":7}',
      JSON.stringify({ value: held.value }),
      JSON.stringify({ ...held, on: null }),
      JSON.stringify({ ...held, on: `${support}/1764411900.000200` }),
      JSON.stringify({ ...held, value: held.value.replace(/^decide/, 'approve') }),
      JSON.stringify({ ...held, value: `${held.value} ` }),
      JSON.stringify({ ...held, value: held.value.replace(/[0-9a-f]{64}/, 'a'.repeat(64)) }),
      'x'.repeat(3_000),
    ])
      await sent(view, 'kim', 'answer:c1', { private_metadata: metadata })
    await sent(view, 'gus', 'answer:c1') // what came before it was worked on
    await heard(/is nobody here/)
    expect(await gateNow(one)).toMatchObject({ state: 'open', votes: [] })
  })

  test('sent off twice at once it decides once, and after that nothing', { timeout: 30_000 }, async () => {
    await pressed(one, 'kim')
    const view = await dialog()
    await Promise.all([
      sent(view, 'kim', 'answer:c1'),
      sent(view, 'kim', 'answer:c2'),
      submit(view, 'kim', 'answer:c2'),
    ])
    await soon(() => expect(at.whispers.filter(({ text }) => /Answered/.test(text!))).toHaveLength(1))
    await soon(() => expect(at.whispers).toHaveLength(3))
    expect((await gateNow(one)).votes).toHaveLength(1)
    await sent(view, 'kim', 'answer:c1')
    await heard(/has changed since|Nothing is decided/)
    await pressed(one, 'kim')
    await heard(/has changed since/)
    expect(at.dialogs).toEqual([])
    expect((await gateNow(one)).votes).toHaveLength(1)
  })

  test(
    'in a channel that another company shares now, the message loses its button, and a press of before shows it to those who may alone',
    { timeout: 60_000 },
    async () => {
      const shared = await waits(await asking({ reason: 'Secret?', choices: ['A', 'B'] }), /to answer a question/)
      at.channels.set(support, { is_ext_shared: true, is_shared: true })
      onTestFinished(() => void at.channels.delete(support))
      await pressed(shared, 'gus', { user: { id: 'U0GLOBEX1', name: 'kim', team_id: 'T0GLOBEX1' } })
      await heard(/slack:T0GLOBEX1\/U0GLOBEX1 is nobody here/)
      expect(at.dialogs).toEqual([])
      await pressed(shared, 'kim')
      const view = await dialog()
      await sent(view, 'kim', 'answer:c1')
      await heard(/Answered/)
      const cut = await message(shared, /^Viewport works on this\./)
      expect(buttonsOf(cut)).toEqual([])
      expect(JSON.stringify(cut)).not.toContain('Secret')
    },
  )
})

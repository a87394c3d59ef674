/**
 * What must hold for every outside tool, whatever it is?
 * One suite in three parts (webhooks, reading, actions); a tool's own test gives it samples and a counterpart. Only tests import it.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fieldsFor } from '@viewportai/core/event/fields'
import { tools as forms } from '@viewportai/core/event/tools'
import { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { renderTemplate } from '@viewportai/core/workflow/template'
import type { TestPerson } from '../../../test/plane.ts'
import { send, type Came } from '../../../test/send.ts'
import { NotSent, NoWholeAnswer, type Asked, type Outside } from '@viewportai/core/tools/outside'
import type { Action, Effect, KnownConnection, Receipt } from '@viewportai/core/tools/port'
import type { StatusKeeper } from '@viewportai/core/tools/port'
import type { Connection, Reading, StoredDelivery, Tool } from '../port.ts'
import { triggerEvent } from '../trigger-event.ts'
import { testEffect } from './effect.ts'

// ---- Webhooks: through the front door

export type HookCase = {
  /** Address of the connection's webhooks, and of another connection's of the same tool. */
  readonly url: () => string
  readonly other: () => string
  readonly media: string
  /** Headers of a genuine delivery of this body. `at`: seconds; `id`: the sender's id of it. */
  readonly signed: (body: string, more?: { at?: number; id?: string }) => Record<string, string>
  /** A body that is an event. */
  readonly body: () => string
  /** Which header holds the signature. */
  readonly signature: string
  /** Does the sender sign the time? */
  readonly dated: boolean
  /** Does it say a secret instead of signing, so that no body is another one's? */
  readonly plain?: boolean
  /** Who may change the connection, the field that signs, and what stands in it; `other`: another secret that would do. */
  readonly change: {
    readonly admin: () => TestPerson
    readonly field: string
    readonly secret: () => string
    readonly other: string
  }
}

export const hookContract = (hook: HookCase): void => {
  describe('webhooks', () => {
    const post = (url: string, body: string | Uint8Array, headers: Record<string, string>): Promise<Came> =>
      send('', 'POST', url, { body, headers: { 'content-type': hook.media, ...headers } })

    test('a genuine one is taken; again it is a repeat of the same', async () => {
      const body = hook.body()
      const headers = hook.signed(body, { id: 'contract-once' })
      const first = await post(hook.url(), body, headers)
      expect([first.status, first.body]).toEqual([202, { delivery: expect.stringMatching(/^dlv_/), repeat: false }])
      expect((await post(hook.url(), body, headers)).body).toEqual({ delivery: first.body.delivery, repeat: true })
    })

    const old: [string, () => Promise<Came>, number] = [
      'of six minutes ago',
      () => post(hook.url(), hook.body(), hook.signed(hook.body(), { at: Math.floor(Date.now() / 1_000) - 360 })),
      401,
    ]
    const ahead: [string, () => Promise<Came>, number] = [
      'dated six minutes ahead',
      () => post(hook.url(), hook.body(), hook.signed(hook.body(), { at: Math.floor(Date.now() / 1_000) + 360 })),
      401,
    ]
    const otherBody: [string, () => Promise<Came>, number] = [
      'signed for another body',
      () => post(hook.url(), `${hook.body()} `, hook.signed(hook.body())),
      401,
    ]
    const refused: [string, () => Promise<Came>, number][] = [
      [
        'without a signature',
        () => post(hook.url(), hook.body(), without(hook.signed(hook.body()), hook.signature)),
        401,
      ],
      [
        'with a signature that is none',
        () => post(hook.url(), hook.body(), { ...hook.signed(hook.body()), [hook.signature]: 'nonsense' }),
        401,
      ],
      ...(hook.plain ? [] : [otherBody]),
      ['signed for another connection', () => post(hook.other(), hook.body(), hook.signed(hook.body())), 401],
      [
        'of another media type',
        () =>
          send('', 'POST', hook.url(), {
            body: hook.body(),
            headers: { ...hook.signed(hook.body()), 'content-type': 'text/plain' },
          }),
        415,
      ],
      ['packed', () => post(hook.url(), hook.body(), { ...hook.signed(hook.body()), 'content-encoding': 'gzip' }), 415],
      ['larger than anything', () => post(hook.url(), 'x'.repeat(5_300_000), {}), 413],
      ...(hook.dated ? [old, ahead] : []),
    ]
    test.each(refused)('one %s is refused', async (_how, go, status) => expect((await go()).status).toBe(status))

    const odd: [string, string][] = [
      ['500 levels deep', `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`],
      ['with a key twice', '{"action":"x","action":"y"}'],
      ['no object', '[1]'],
      ['no JSON', '{"action":'],
      ['with a NUL', '{"action":"\0"}'],
    ]
    test.each(odd)('a genuine body %s is refused with a reason', async (_how, body) => {
      const came = await post(hook.url(), body, hook.signed(body))
      expect([came.status, came.body.code]).toEqual([422, 'invalid'])
    })

    test('its secret is changed: the one before is taken until it ends, and the new one at once', async () => {
      const { admin, field, secret, other } = hook.change
      const shown = async () =>
        (await admin().get('/api/connections')).body.connections.find((one: { url: string }) => one.url === hook.url())
      const { id } = await shown()
      const arrives = async (): Promise<number> =>
        (await post(hook.url(), hook.body(), hook.signed(hook.body()))).status
      const change = async (value: string, more = {}): Promise<number> => {
        const came = await admin().put(`/api/connections/${id}`, { values: { [field]: value }, ...more })
        expect(came.status, JSON.stringify(came.body)).toBe(200)
        return (await shown()).oldSecrets.length
      }
      expect(await arrives()).toBe(202)
      expect([await change(other), await arrives()]).toEqual([1, 202])
      expect((await admin().del(`/api/connections/${id}/old-secrets`)).status).toBe(204)
      expect([(await shown()).oldSecrets, await arrives()]).toEqual([[], 401])
      expect([await change(secret()), await arrives()]).toEqual([1, 202])
      // It leaked: it ends at once, and so does the older one.
      expect([await change(other, { oldHours: 0 }), await arrives()]).toEqual([0, 401])
      expect([await change(secret(), { oldHours: 0 }), await arrives()]).toEqual([0, 202])
    })

    test('bytes that are no UTF-8 are refused', async () =>
      expect((await post(hook.url(), new Uint8Array([0x7b, 0xff, 0x7d]), hook.signed('{}'))).status).toBeGreaterThan(
        399,
      ))
  })
}

const without = (headers: Record<string, string>, name: string): Record<string, string> => {
  const { [name]: _, ...rest } = headers
  return rest
}

// ---- Reading: every documented event, whatever its text says

export type ReadingCase = {
  readonly tool: Tool
  readonly name: string
  readonly connection: KnownConnection
  /** A delivery of each event of core's table. */
  readonly samples: Readonly<Record<string, StoredDelivery>>
  /** Fields that no delivery tells, with the reason in a comment beside them. */
  readonly silent: Readonly<Record<string, readonly string[]>>
  /** One whose event nothing can listen to; null: such a one is refused at the door. */
  readonly unknown: StoredDelivery | null
}

export const readingContract = ({ tool, name, connection, samples, silent, unknown }: ReadingCase): void => {
  describe('reading', () => {
    const events = Object.keys(forms[name]!.events)

    test('every event of the language has a sample', () =>
      expect(Object.keys(samples).toSorted()).toEqual(events.toSorted()))

    test.each(Object.keys(samples))('%s is read, with the fields of the language and no other', (event) => {
      const said = saidIn(tool.read(samples[event]!, connection))
      expect(said.event).toBe(event)
      expect(said.id.length).toBeGreaterThan(3)
      expect(said.id.length).toBeLessThanOrEqual(180)
      expect(said.subject.ref).not.toBe('')
      const given = Object.fromEntries(Object.entries(said.fields).filter(([, value]) => value !== undefined))
      const missing = Object.keys(forms[name]!.events[event]!.fields).filter((field) => !(field in given))
      expect(missing.filter((field) => !silent[event]?.includes(field))).toEqual([])
      expect(Object.keys(given).filter((field) => !(field in forms[name]!.events[event]!.fields))).toEqual([])
      // What was given is of the kind that the table says: nothing of it is dropped.
      expect(fieldsFor(name, event, given)).toMatchObject(given)
      TriggerEvent.parse(eventOf(said))
    })

    test('read twice it is the same', () => {
      for (const sample of Object.values(samples))
        expect(tool.read(sample, connection)).toEqual(tool.read(sample, connection))
    })

    test.each(unknown === null ? [] : [['it', unknown] as const])(
      'what nothing can listen to: %s is ignored in words',
      (_it, one) => expect(tool.read(one, connection)).toEqual({ ignored: expect.stringMatching(/\S+ \S+ .*\.$/) }),
    )

    test('nobody who is not known here is a member, and what we did ourselves is ours', () => {
      for (const sample of Object.values(samples)) {
        const said = saidIn(tool.read(sample, connection))
        expect(eventOf(said).actor).toMatchObject({ person: null, trust: expect.not.stringMatching(/^(member|self)$/) })
        expect(eventOf(said).outsideText).toBe(true)
        const ours = triggerEvent(
          said,
          { tool: name, account: { id: said.actor.id, name: 'us' }, receivedAt: 1 },
          () => null,
        )
        expect(ours.actor.trust).toBe('self')
      }
    })

    const eventOf = (said: ReturnType<typeof saidIn>) =>
      triggerEvent(said, { tool: name, account: null, receivedAt: 1 }, () => null)

    test('hostile text stays text: the same event by the same actor', () => {
      for (const [event, sample] of Object.entries(samples)) {
        const before = saidIn(tool.read(sample, connection))
        for (const text of hostile) {
          const after = tool.read(
            withBody(sample, (payload) => withText(payload, text)),
            connection,
          )
          if (!('said' in after)) continue // it says why not
          expect([after.said.event, after.said.actor.id, after.said.actor.standing]).toEqual([
            event,
            before.actor.id,
            before.actor.standing,
          ])
          TriggerEvent.parse(eventOf(after.said))
        }
      }
    })

    test('a payload with anything missing or of another kind is read, ignored or refused in words, and never breaks', () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...Object.values(samples)),
          fc.array(fc.tuple(fc.nat(), fc.constantFrom('gone', null, 0, '', [], {}, 'x'.repeat(70_000))), {
            minLength: 1,
            maxLength: 4,
          }),
          (sample, changes) => {
            const broken = withBody(sample, (payload) =>
              changes.forEach(([at, value]) => changeOne(payload, at, value)),
            )
            const reading = tool.read(broken, connection)
            if ('said' in reading) TriggerEvent.parse(eventOf(reading.said))
            else expect('ignored' in reading ? reading.ignored : reading.unreadable).toMatch(/\.$/)
          },
        ),
        { numRuns: 300 },
      )
    })
  })
}

export const saidIn = (reading: Reading) => {
  if (!('said' in reading)) throw new Error(JSON.stringify(reading))
  return reading.said
}

const hostile = [
  '"}],"sender":{"id":1},"x":[{"',
  '<!-- viewport:int_abc-1 --> ${{ secrets.TOKEN }} {{ trigger.text }}',
  'a\u0000b\ud800c\u202Ed\u{E0041}',
  '../../etc/passwd; rm -rf / `id` $(id) %00',
  'x'.repeat(300_000),
]

const withBody = (sample: StoredDelivery, change: (payload: Record<string, unknown>) => void): StoredDelivery => {
  const payload = JSON.parse(sample.body.toString('utf8')) as Record<string, unknown>
  change(payload)
  return { ...sample, body: Buffer.from(JSON.stringify(payload)) }
}

/** Everything that people may write: titles, bodies, texts, names of people stay as they are. */
const withText = (value: unknown, text: string): void => {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inside] of Object.entries(value))
    if (typeof inside === 'string' && /^(title|body|text|description|message|summary|name)$/.test(key))
      (value as Record<string, unknown>)[key] = text
    else withText(inside, text)
}

/** Changes the `at`-th place of a document, counted around. */
const changeOne = (payload: unknown, at: number, to: unknown): void => {
  const places: [Record<string, unknown>, string][] = []
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, inside] of Object.entries(value)) {
      places.push([value as Record<string, unknown>, key])
      walk(inside)
    }
  }
  walk(payload)
  if (places.length === 0) return
  const [object, key] = places[at % places.length]!
  if (to === 'gone') delete object[key]
  else object[key] = to
}

// ---- Actions: once, whatever happens on the way

export type ActionCase = {
  readonly action: Action
  readonly connection: () => Connection
  readonly outside: () => Outside
  /** Which requests change something; all but GET when left out. */
  readonly isWrite?: (asked: Asked) => boolean
  /** A new effect each time, with a thing of its own to work on. */
  readonly effect: () => Promise<Effect>
  /** How many of this effect there are at the counterpart. */
  readonly count: (effect: Effect) => Promise<number>
  /** The same on something that the workflow does not name. */
  readonly beyond: (effect: Effect) => Effect
  /** The parameter that holds its words, by which it is found again. */
  readonly words?: string
  /** Does the receipt name a thing that later actions may work on? */
  readonly named?: boolean
  /** What its tool may show otherwise than it was asked for, each a case of its own; empty with a reason: nothing that was asked for is read back. */
  readonly otherwise: readonly Otherwise[]
}

/** `shows`: fields that its answers hold, at any depth, once it was done. `ends`: the code of the failure, or that it is done and was not read back. */
export type Otherwise = {
  readonly shows: Readonly<Record<string, unknown>>
  readonly ends: 'not_whole' | 'not_so' | 'not read back'
}

export const actionContract = (name: string, it: ActionCase): void => {
  describe(`the action ${name}`, () => {
    const isWrite = it.isWrite ?? ((asked: Asked) => asked.method !== 'GET')
    const broken = (fault: Fault): Outside => firstWrite(it.outside(), fault, isWrite)
    const carry = async (effect: Effect, by = it.outside()) => it.action.carryOut(effect, it.connection(), by)
    const look = async (effect: Effect, by = it.outside()) => it.action.look(effect, it.connection(), by)

    test('it is not there before, is done once, has a receipt that was read back, and is found again', async () => {
      const effect = await it.effect()
      expect(await look(effect)).toEqual({ is: 'absent' })
      const went = await carry(effect)
      expect(went).toMatchObject({
        is: 'done',
        receipt: { readBack: true, id: expect.stringMatching(/./), url: expect.stringMatching(/^https?:/) },
      })
      const { receipt } = went as { receipt: Receipt }
      if (it.named !== false) expect(receipt.observed['ref']).toEqual(expect.stringMatching(/./))
      expect(await it.count(effect)).toBe(1)
      expect(await look(effect)).toMatchObject({ is: 'there', receipt: { id: receipt.id } })
      expect(await it.count(effect)).toBe(1)
    })

    test('the answer is lost after it was done: it is found, and not done again', async () => {
      const effect = await it.effect()
      const went = await carry(effect, broken('lose'))
      expect(went.is).toBe('unsure')
      expect(await it.count(effect)).toBe(1)
      const found = await look(effect)
      if (found.is !== 'there') {
        // More than one request belongs to it: it is carried on where it stopped.
        expect(found).toEqual({ is: 'absent' })
        expect((await carry(effect)).is).toBe('done')
      }
      expect(await it.count(effect)).toBe(1)
    })

    test('it never arrived: it is not found, and done then', async () => {
      const effect = await it.effect()
      expect((await carry(effect, broken('drop'))).is).toBe('unsure')
      expect(await look(effect)).toEqual({ is: 'absent' })
      expect((await carry(effect)).is).toBe('done')
      expect(await it.count(effect)).toBe(1)
    })

    test.each([
      ['nothing was sent', { NotSent: true }],
      ['it limits the rate', { status: 429, headers: { 'retry-after': '7' } }],
    ] as const)('%s: later, and nothing was done', async (_how, by) => {
      const effect = await it.effect()
      const went = await carry(effect, broken(by))
      expect(went).toMatchObject({ is: 'later', ...('status' in by ? { afterMillis: 7_000 } : {}) })
      expect(await it.count(effect)).toBe(0)
    })

    test.each([401, 403, 404, 422])('it says no with %i: a failure in words', async (status) => {
      const effect = await it.effect()
      const went = await carry(effect, broken({ status, headers: {} }))
      expect(went).toMatchObject({
        is: 'failed',
        summary: expect.stringMatching(/ .*\.$/),
        check: expect.stringMatching(/ .*\.$/),
      })
      expect(await it.count(effect)).toBe(0)
    })

    test.each([500, 502, 503])('it breaks with %i: it may have happened', async (status) => {
      const effect = await it.effect()
      expect((await carry(effect, broken({ status, headers: {} }))).is).toBe('unsure')
    })

    test.each(it.words === undefined ? [] : quotations)(
      'our own account wrote its mark %s: that is no receipt of it',
      async (_where, quoting) => {
        const effect = await it.effect()
        const other = {
          ...effect,
          intent: testEffect().intent,
          params: { ...effect.params, [it.words!]: quoting(effect) },
        }
        expect((await carry(other)).is).toBe('done')
        expect(await look(other)).toMatchObject({ is: 'there' })
        expect(await look(effect)).toEqual({ is: 'absent' })
        const went = await carry(effect)
        expect(went.is).toBe('done')
        expect(await look(effect)).toMatchObject({
          is: 'there',
          receipt: { id: (went as { receipt: Receipt }).receipt.id },
        })
      },
    )

    test.each(it.otherwise)('it was taken and $shows is shown: $ends', async ({ shows, ends }) => {
      const effect = await it.effect()
      expect(await carry(effect, shownOtherwise(it.outside(), shows, isWrite))).toMatchObject(
        ends === 'not read back' ? { is: 'done', receipt: { readBack: false } } : { is: 'failed', code: ends },
      )
      expect(await it.count(effect), 'it was carried out').toBe(1)
    })

    test('a target outside of the workflow is refused before anything is asked', async () => {
      const asked: Asked[] = []
      const watched: Outside = { now: Date.now, ask: (one) => (asked.push(one), it.outside().ask(one)) }
      const effect = await it.effect()
      expect(await carry(it.beyond(effect), watched)).toMatchObject({ is: 'failed', code: 'outside_workflow' })
      expect(asked.filter(isWrite)).toEqual([])
    })
  })
}

/** Every form of mark that an effect is found by, as other words of ours could hold it. */
const marksOf = ({ intent, page }: Effect): string =>
  [`<!-- viewport:${intent} -->`, `[Viewport run 7](${page}#${intent})`, `<${page}#${intent}|Viewport run 7>`].join(
    '\n\n',
  )
const quotations: [string, (effect: Effect) => string][] = [
  ['above other words', (effect) => `${marksOf(effect)}\n\nThat was said before.`],
  ['below other words', (effect) => `This was said before:\n\n${marksOf(effect)}`],
  ['within other words', (effect) => `See ${marksOf(effect).replaceAll('\n\n', ' and ')} and #${effect.intent}.`],
  [
    'in a value from outside',
    (effect) => {
      const text = marksOf(effect)
      const values = { trigger: { text }, inputs: {}, steps: { look: { text } }, actions: {}, run: {} }
      return renderTemplate('{{ trigger.text }} {{ steps.look.text }}', values, 'markdown').text
    },
  ],
]

export type StatusCase = Omit<ActionCase, 'action'> & {
  readonly keeper: StatusKeeper
  /** Everything that stands there of this effect, as text. */
  readonly shown: (effect: Effect) => Promise<readonly string[]>
}

/** A message that says how a run goes is written once like an action, and changed in its place then. */
export const statusContract = (name: string, { keeper, shown, ...it }: StatusCase): void => {
  actionContract(`status of ${name}`, { ...it, words: 'text', action: { look: keeper.look, carryOut: keeper.write } })

  test(`the status of ${name} is changed in its place, also when the answer is lost`, async () => {
    const first = await it.effect()
    const went = await keeper.write(first, it.connection(), it.outside())
    const message = String((went as { receipt: Receipt }).receipt.observed['message'])
    expect(await keeper.look(first, it.connection(), it.outside())).toMatchObject({
      is: 'there',
      receipt: { observed: { message } },
    })
    const change = (text: string, by = it.outside()) =>
      keeper.rewrite({ ...first, params: { text } }, message, it.connection(), by)
    expect(await change('Planning.')).toMatchObject({ is: 'done', receipt: { observed: { message } } })
    const isWrite = it.isWrite ?? ((asked: Asked) => asked.method !== 'GET')
    expect((await change('Done.', firstWrite(it.outside(), 'lose', isWrite))).is).toBe('unsure')
    expect((await change('Done.')).is).toBe('done')
    expect(await shown(first)).toEqual([expect.stringContaining('Done.')])
    expect(await it.count(first)).toBe(1)
    expect(
      await keeper.rewrite(it.beyond(first), message, it.connection(), it.outside()),
      'nothing is changed where it may not be',
    ).toMatchObject({ is: 'failed' })
  })

  test(`the status of ${name} changes no other message, whatever name was kept for it`, async () => {
    const [first, other] = [await it.effect(), await it.effect()]
    await keeper.write(first, it.connection(), it.outside())
    const went = await keeper.write(other, it.connection(), it.outside())
    const message = String((went as { receipt: Receipt }).receipt.observed['message'])
    const before = await shown(other)
    await keeper.rewrite({ ...first, params: { text: 'Waits for a person.' } }, message, it.connection(), it.outside())
    expect(await shown(other)).toEqual(before)
    expect(before.join()).not.toContain('Waits for a person.')
    expect(await it.count(first)).toBe(1)
  })

  test(`the status of ${name} says whatever comes from outside as a quote, and has links of its own`, () => {
    for (const words of ['@sam <!channel> #1', '[x](https://evil.example)', '`` ` ```', '<https://evil.example|ok>'])
      expect(keeper.marks.quote(words)).toMatch(/^(`+)[^]*\1$/)
    expect(keeper.marks.quote('Fix \u202Egnp.exe\u200b \u{E0041}')).toContain('Fix ⟨U+202E⟩gnp.exe⟨U+200B⟩ ⟨U+E0041⟩')
    expect(keeper.marks.link('https://v.dev/inbox/gate_1', 'Open')).toMatch(/https:\/\/v\.dev\/inbox\/gate_1/)
  })
}

type Fault =
  | 'lose'
  | 'drop'
  | { readonly NotSent: true }
  | { readonly status: number; readonly headers: Record<string, string> }

/** The same way out, where the first request that writes meets a fault. `lose`: it is done, and the answer does not come. */
export const firstWrite = (outside: Outside, fault: Fault, isWrite: (asked: Asked) => boolean): Outside => {
  let met = false
  return {
    now: Date.now,
    async ask(asked) {
      if (met || !isWrite(asked)) return outside.ask(asked)
      met = true
      if (fault === 'lose') {
        await outside.ask(asked)
        throw new NoWholeAnswer('its answer was cut')
      }
      if (fault === 'drop') throw new NoWholeAnswer('no answer within 20000 ms')
      if ('NotSent' in fault) throw new NotSent('ECONNREFUSED')
      return { status: fault.status, headers: fault.headers, text: '{"message":"no"}' }
    },
  }
}

/** The same way out, where every answer to a question shows these fields so, once something was written. */
const shownOtherwise = (outside: Outside, shows: Otherwise['shows'], isWrite: (asked: Asked) => boolean): Outside => {
  let written = false
  return {
    now: Date.now,
    async ask(asked) {
      const came = await outside.ask(asked)
      if (isWrite(asked)) written = true
      else if (written)
        return {
          ...came,
          text: JSON.stringify(JSON.parse(came.text, (key, value: unknown) => (key in shows ? shows[key] : value))),
        }
      return came
    },
  }
}

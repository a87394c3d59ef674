/**
 * What must hold of every event that a tool tells, through the front door?
 * Signed as its provider signs it, it starts exactly one run of a workflow that listens to it, whichever way it is told again; and about what starts nothing the provider is not
 * asked. Only tests import it.
 */
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { tools as forms } from '@viewportai/core/event/tools'
import type { Asked, Outside } from '@viewportai/core/tools/outside'
import { send, type Came, type testPlane, type TestWorkspace } from '../../../test/plane.ts'
import { inWorkspace } from '../../database/tenant.ts'
import type { Sample, Tool } from '../port.ts'
import { sampleConnection } from '../../samples/samples.ts'
import { readied } from './bench.ts'
import { saidIn } from './contract.ts'

/** A request as the provider makes it. */
export type Signed = { readonly body: string; readonly headers: Record<string, string> }
export type Door = {
  readonly tool: Tool
  readonly name: string
  /** What is filled in to connect it at its counterpart; nothing of it is asked about regularly. */
  readonly values: Record<string, string>
  /** Where the counterpart is; null: it has none. */
  readonly at: string | null
  /** A sample as the provider sends it to this connection, `id` being the provider's of this delivery. `made`: secrets that connecting made. */
  signed(sample: Sample, id: string, made: Readonly<Record<string, string>>): Signed
  /** A condition that none of its events meets, and that all of them tell. Null: its webhooks tell too little to be matched without asking. */
  readonly never: string | null
  /** Settings of the tool's own by which it says nothing by itself to whoever asked in vain. */
  readonly whispersOff?: Readonly<Record<string, string>>
  /** A sample with what it cannot know: whose workspace at the tool it is sent to. */
  dressed?(sample: Sample): Sample
  /** Who may start by an event, where that is not the person whose account did it, and why. */
  readonly startedBy?: Readonly<Record<string, string>>
  /** Events that a person does by hand at the tool: another delivery is another act. */
  readonly acts?: readonly string[]
  /** Has a delivery no id of its own, so that the same bytes are the same delivery? */
  readonly byBytes?: boolean
}

/** An account at each tool that no sample names. */
const nobodyOf: Readonly<Record<string, string>> = {
  github: '999999999',
  gitlab: '999999999',
  linear: '99999999-9999-4999-8999-999999999999',
  slack: 'T0NOBODY/U0NOBODY',
}

type Listed = { readonly id: string; readonly state: string; readonly verdict: string; readonly event: string }

export const doorContract = (
  { plane, workspace }: Pick<Awaited<ReturnType<typeof testPlane>>, 'plane' | 'workspace'>,
  door: Door,
): void => {
  const { db, outside } = plane.context
  const { tool, name } = door
  const samples = tool.samples!.map((sample) => door.dressed?.(sample) ?? sample)
  const events = Object.keys(forms[name]!.events)
  let count = 0

  /** A workspace in which this connection stands, and these triggers each start a workflow of their own. */
  const listening = async (
    triggers: readonly string[],
    account = nobodyOf[name] ?? 'nobody-of-the-samples',
    values: Readonly<Record<string, string>> = door.values,
  ) => {
    const of = await workspace(`${name}-${++count}`, ['payments'])
    let url = ''
    let made: Record<string, string> = {}
    await readied(db, of, {
      // What CI tells is nobody's doing, so it has no accounts that could be linked.
      account: name === 'ci' ? 'github:999999999' : `${name}:${account}`,
      connect: async () => {
        const came = await of.admin.post('/api/connections', { tool: name, name, values })
        expect(came.status, JSON.stringify(came.body)).toBe(201)
        url = came.body.connection.url
        made = came.body.made
      },
      workflows: triggers.map(
        (trigger, n) =>
          `name: listens-${n}\nteam: payments\ntrigger: { ${name}: ${trigger} }\nrepos: [{ acme/shop: { access: read } }]\nstatus: []\nsteps: [{ id: plan, mode: plan, prompt: Look. }]\n`,
      ),
    })
    const through =
      (at: string, secrets: Record<string, string>) =>
      async (sample: Sample, id: string): Promise<Came> => {
        const { body, headers } = door.signed(sample, id, secrets)
        return send('', 'POST', at, { body, headers })
      }
    const deliver = through(url, made)
    /** Makes another connection with the same values, and delivers through that. */
    const beside = async () => {
      const came = await of.admin.post('/api/connections', { tool: name, name: 'beside', values: door.values })
      expect(came.status, JSON.stringify(came.body)).toBe(201)
      return through(came.body.connection.url, came.body.made)
    }
    return { of, deliver, beside }
  }
  /** All deliveries once each was worked on, and how many runs there are. */
  const settled = (of: TestWorkspace, atLeast = 1): Promise<{ all: Listed[]; runs: number }> =>
    vi.waitFor(
      async () => {
        const [held, runs] = await inWorkspace(db, of.id, async (tx) => [
          await tx.query<Listed>(
            `select delivery as id, state, coalesce(verdict, problem) as verdict, trigger_event->>'event' as event from vp.deliveries where workspace = $1 order by received_at, delivery`,
            [of.id],
          ),
          await tx.query('select from vp.runs where workspace = $1', [of.id]),
        ])
        expect(held.rows.length).toBeGreaterThanOrEqual(atLeast)
        expect(held.rows.filter((one) => one.state === 'stored')).toEqual([])
        return { all: held.rows, runs: runs.rowCount ?? 0 }
      },
      { timeout: 30_000, interval: 30 },
    )
  /** The sample whose delivery tells of this event. */
  const sampleOf = (event: string): Sample => {
    const found = samples.find((sample) => readHere(tool, sample).event === event)
    if (!found) throw new Error(`${name} documents ${event}, and samples.ts of its folder has none of it.`)
    return found
  }

  describe(`${name}: every event through the door`, () => {
    test('each sample is an event of its own', () => {
      const names = samples.flatMap((sample) => readHere(tool, sample).names)
      expect(names.toSorted()).toEqual([...new Set(names)].toSorted())
    })
    test.each(events)('%s starts one run, and none when it is told again', { timeout: 60_000 }, async (event) => {
      const sample = sampleOf(event)
      // Whoever did it in the sample is a person of the workspace.
      const { of, deliver } = await listening(
        [`{ event: ${event}, started_by: [${door.startedBy?.[event] ?? 'members'}] }`],
        accountOf(door, sample),
      )
      const first = await deliver(sample, 'once')
      expect([200, 202], JSON.stringify(first.body)).toContain(first.status)
      const one = await settled(of)
      expect(one.runs, JSON.stringify(one.all)).toBe(1)
      // The provider did not hear our answer and sends the same delivery again.
      expect((await deliver(sample, 'once')).status).toBe(first.status)
      const again = await settled(of, one.all.length)
      expect([again.runs, again.all.length]).toEqual([1, one.all.length])
      if (door.byBytes) return
      // It tells the same event in another delivery, as after a person pressed "redeliver" there.
      expect((await deliver(sample, 'twice')).status).toBe(first.status)
      const twice = await settled(of, one.all.length * 2)
      if (door.acts?.includes(event)) return expect(twice.runs).toBe(2)
      expect(twice.runs).toBe(1)
      expect(twice.all.filter(({ verdict }) => verdict.startsWith('The same event came before'))).not.toEqual([])
    })
    // Two systems of CI count their builds each for itself.
    const more = name === 'ci' ? 1 : 0
    const shared = events.filter((event) => !door.acts?.includes(event))
    test.each(shared)(`%s that two connections tell starts ${1 + more}`, { timeout: 60_000 }, async (event) => {
      const sample = sampleOf(event)
      const trigger = `{ event: ${event}, started_by: [${door.startedBy?.[event] ?? 'members'}] }`
      const { of, deliver, beside } = await listening([trigger], accountOf(door, sample))
      const other = await beside()
      await deliver(sample, 'here')
      const one = await settled(of)
      expect(one.runs, JSON.stringify(one.all)).toBe(1)
      await other(sample, 'there')
      const two = await settled(of, one.all.length * 2)
      expect(two.runs, JSON.stringify(two.all)).toBe(1 + more)
      if (more === 0) expect(JSON.stringify(two.all)).toContain('another connection told of this event as well')
    })
  })

  if (tool.again === undefined) return
  describe(`${name}: what starts nothing`, () => {
    let watched: { of: TestWorkspace; deliver: (sample: Sample, id: string) => Promise<Came> }
    const partial = (sample: Sample): boolean => readHere(tool, sample).partial
    const told = samples.filter((sample) => door.never !== null && !partial(sample))
    // The same counterpart by its other name: workspaces of earlier tests still ask it by the first one, for whispers and by the clock.
    const apart = otherName(door.at!)
    const values = Object.fromEntries(
      Object.entries({ ...door.values, ...door.whispersOff }).map(([key, value]) => [
        key,
        value.replace(door.at!, apart),
      ]),
    )
    const listeningApart = async (triggers: readonly string[]) => {
      const here = await listening(triggers, undefined, values)
      await askedOnce(here.of)
      return here
    }
    /** What this connection is asked by the clock is over, and does not come again in this test. */
    const askedOnce = (of: TestWorkspace): Promise<void> =>
      vi.waitFor(
        async () => {
          const put = await inWorkspace(db, of.id, async (tx) => {
            await tx.query(
              'update vp.polls set next_at = vp.now_ms() + 3600000 where workspace = $1 and asked_at is not null',
              [of.id],
            )
            return tx.query('select from vp.polls where workspace = $1 and asked_at is null', [of.id])
          })
          expect(put.rowCount).toBe(0)
        },
        { timeout: 30_000, interval: 50 },
      )
    /** What the provider is asked while these are taken in. */
    const askedFor = async (here: typeof watched, some: readonly Sample[]): Promise<string[]> => {
      const asked: Asked[] = []
      const ask: Outside['ask'] = outside.ask
      const spy = vi.spyOn(outside, 'ask').mockImplementation((one) => (asked.push(one), ask(one)))
      try {
        for (const [at, sample] of some.entries()) await here.deliver(sample, `plain-${at}`)
        const { runs } = await settled(here.of, some.length)
        expect(runs).toBe(0)
      } finally {
        spy.mockRestore()
      }
      return asked.filter(({ url }) => url.startsWith(apart)).map(({ method, url }) => `${method} ${url}`)
    }
    beforeAll(async () => {
      watched = await listeningApart(
        door.never === null
          ? []
          : [...new Set(told.map((sample) => readHere(tool, sample).event))].map(
              (event) => `{ event: ${event}, ${door.never} }`,
            ),
      )
    }, 60_000)

    test('is not asked about where nobody listens', { timeout: 60_000 }, async () =>
      expect(await askedFor(await listeningApart([]), samples)).toEqual([]),
    )

    if (door.never === null) return
    test(
      'is not asked about where what was told does not fit, and who did it may not start it either',
      { timeout: 60_000 },
      async () => {
        expect(told.length).toBeGreaterThan(0)
        expect(await askedFor(watched, told)).toEqual([])
      },
    )

    test('is asked about where it may start something: the spy sees it', { timeout: 60_000 }, async () => {
      const event = readHere(tool, told[0]!).event
      const here = await listeningApart([`{ event: ${event}, started_by: [user:lead] }`])
      expect(await askedFor(here, [told[0]!])).not.toEqual([])
    })
  })
}

/** An address on this machine by the other of its two names. */
const otherName = (at: string): string =>
  at.includes('//127.0.0.1:') ? at.replace('//127.0.0.1:', '//localhost:') : at.replace('//localhost:', '//127.0.0.1:')

/** The account that did what a sample tells, as people are linked to it. */
const accountOf = ({ tool, values }: Door, sample: Sample): string => {
  const known = { id: 'con_sample', name: 'sample', settings: values, account: null }
  const server = tool.accountsAt?.(known) ?? null
  return `${server === null ? '' : `${server}/`}${readHere(tool, sample).actor}`
}

/** What its own reader makes of a sample, and whether that is enough to be matched. */
const readHere = (tool: Tool, sample: Sample): { event: string; names: string[]; actor: string; partial: boolean } => {
  const reading = tool.read(
    { headers: sample.headers ?? {}, body: Buffer.from(JSON.stringify(sample.body)), part: sample.part ?? null },
    sampleConnection(tool),
  )
  const { event, actor, id, also = [] } = saidIn(reading)
  return {
    event,
    names: [...new Set([id, ...also])],
    actor: actor.id,
    partial: 'said' in reading && reading.partial === true,
  }
}

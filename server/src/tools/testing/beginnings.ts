/**
 * What must hold for every tool whose things are made, labelled and assigned?
 * The fourth part of the contract (contract.ts), with a whole control plane: how a thing is made starts a workflow once, whichever ways it is told. Only tests import it.
 */
import { expect, test, vi } from 'vitest'
import { beginningMillis } from '@viewportai/core/event/beginning'
import type { testPlane, TestWorkspace } from '../../../test/plane.ts'
import { askNow, readied, settledWith, type Settled } from './bench.ts'

export type BeginningCase<Thing> = {
  readonly tool: string
  readonly plane: Pick<Awaited<ReturnType<typeof testPlane>>, 'plane' | 'workspace'>
  /** Account of the member `sam`, and the address of acme/shop. */
  readonly account: string
  readonly url?: string
  /** The tool's events: made, labelled, assigned. */
  readonly events: readonly [string, string, string]
  /** Connects a workspace, told and asked; the address of its webhooks. */
  connect(of: TestWorkspace): Promise<string>
  /** From now on the counterpart tells there. */
  hook(url: string): Promise<unknown>
  /** By sam, with two labels and an assignee: told in four events. `words` stand in each delivery of it. */
  make(title: string): Promise<{ readonly words: string; readonly thing: Thing }>
  /** The same person labels it, when its making is over. */
  labelLater(thing: Thing, label: string): Promise<unknown>
  /** Somebody else labels it at once. */
  labelByOther(thing: Thing): Promise<unknown>
}

let count = 0

/** Resolves once the making of what was made at this time (ms) is over, by a clock that tells whole seconds. */
export const makingOver = async (made: number): Promise<void> => {
  while (Date.now() < made + beginningMillis + 1_100) await new Promise((go) => setTimeout(go, 100))
}

export const beginningContract = <Thing>(it: BeginningCase<Thing>): void => {
  const { db } = it.plane.plane.context
  const ready = async (startedBy = '') => {
    const of = await it.plane.workspace(`made-${++count}`, ['payments'])
    let hook = ''
    await readied(db, of, {
      account: it.account,
      ...(it.url === undefined ? {} : { url: it.url }),
      connect: async () => void (hook = await it.connect(of)),
      workflows: [
        `name: triage\nteam: payments\ntrigger: { ${it.tool}: { event: [${it.events.join(', ')}]${startedBy} } }\nrepos: [{ acme/shop: { access: read } }]\nsteps: [{ id: plan, mode: plan, prompt: Look. }]\n`,
      ],
    })
    await askNow(db, of.id) // from here on
    return { of, hook }
  }
  /** What one of its deliveries started; each other one says so and leads there. Asking may find what was made before, too. */
  const oneRun = (all: readonly Settled[]): void => {
    const [first, ...more] = all.filter((one) => one.runs.length > 0)
    expect([first!.runs.length, more]).toEqual([1, []])
    for (const one of all.filter((other) => other !== first && !other.verdict.startsWith('The same event came before')))
      expect(one.verdict).toMatch(sameAct(first!.delivery))
  }
  const sameAct = (delivery: string): RegExp =>
    new RegExp(
      `^triage was not started again: how this was made is told in several events, and run \\d+ is of one of them \\(${delivery}\\)\\.$`,
    )
  /** How many runs its deliveries started, once there are so many. */
  const runsOf = (of: TestWorkspace, words: string, wanted: number): Promise<number> =>
    vi.waitFor(
      async () => {
        const { length } = (await settledWith(db, of.id, words, 4)).flatMap((one) => one.runs)
        expect(length).toBe(wanted)
        return length
      },
      { timeout: 20_000, interval: 50 },
    )
  const ofEach = (all: readonly Settled[]): string[] =>
    [...new Set(all.map((one) => String(one.event.event)))].toSorted()
  const each = it.events.toSorted()

  test(
    'made with two labels and an assignee it starts a workflow once, by webhooks; labels of later start again, each',
    { timeout: 60_000 },
    async () => {
      const { of, hook } = await ready()
      await it.hook(hook)
      const { words, thing } = await it.make('Told by webhooks')
      const all = await settledWith(db, of.id, words, 4)
      expect(ofEach(all)).toEqual(each)
      oneRun(all)
      const duplicates = (await of.admin.get('/api/deliveries?outcome=duplicate')).body.deliveries
      expect(duplicates).toHaveLength(all.length - 1)
      await it.labelLater(thing, 'later-1')
      await it.labelLater(thing, 'later-2')
      expect(await runsOf(of, words, 3)).toBe(3)
    },
  )

  test('by asking, and by both at once, it starts it once as well', { timeout: 90_000 }, async () => {
    const { of, hook } = await ready()
    const asked = await it.make('Found by asking')
    await askNow(db, of.id)
    const found = await settledWith(db, of.id, asked.words, 4)
    expect(ofEach(found)).toEqual(each)
    oneRun(found)
    const both = await ready()
    await it.hook(both.hook)
    const told = await it.make('Told in both ways')
    await askNow(db, both.of.id)
    oneRun(await settledWith(db, both.of.id, told.words, 8))
    expect(hook).not.toBe(both.hook)
  })

  test('what somebody else does in the same moment is an act of its own', { timeout: 60_000 }, async () => {
    const { of, hook } = await ready(', started_by: [anyone]')
    await it.hook(hook)
    const { words, thing } = await it.make('Two people')
    await settledWith(db, of.id, words, 4)
    await it.labelByOther(thing)
    expect(await runsOf(of, words, 2)).toBe(2)
  })
}

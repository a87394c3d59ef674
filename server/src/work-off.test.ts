import { expect, test, vi } from 'vitest'
import { makeStuck } from './stuck.ts'
import { workOff, type Round } from './work-off.ts'
import { workspaceTurns } from './workspace-turns.ts'

type Row = { workspace: string; id: string; server?: string }
const gate = () => {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open, opened }
}
/** Rows that stay until they are done; `slow` ones wait for their gate. */
const due = (rows: Row[], slow: Record<string, Promise<unknown>> = {}) => {
  const left = new Set(rows)
  const [begun, done]: [string[], string[]] = [[], []]
  const round: Round<Row> = {
    each: 20,
    find: async (each, but) => {
      const taken = new Map<string, number>()
      return [...left].filter(({ workspace, server }) => {
        const count = taken.get(workspace) ?? 0
        if (but.includes(server ? `${workspace} ${server}` : workspace) || count >= each) return false
        taken.set(workspace, count + 1)
        return true
      })
    },
    name: ({ id }) => id,
    one: async (row) => {
      begun.push(row.id)
      await slow[row.id]
      left.delete(row)
      done.push(row.id)
    },
  }
  return { left, begun, done, round }
}
const rows = (workspace: string, ...ids: string[]): Row[] => ids.map((id) => ({ workspace, id }))

test('a workspace whose row never ends holds up no other: neither in its round nor in the next ones, and is not begun twice', async () => {
  const [stuck, never] = [makeStuck(() => {}), gate()]
  const it = due([...rows('slow', 's1', 's2'), ...rows('good', 'g1', 'g2')], { s1: never.opened })
  const first = workOff(stuck, 'test', it.round)
  await vi.waitFor(() => expect(it.done).toEqual(['g1', 'g2']))
  it.left.add({ workspace: 'good', id: 'g3' })
  expect(await workOff(stuck, 'test', it.round)).toBe(1)
  expect(it.done).toEqual(['g1', 'g2', 'g3'])
  expect(it.begun.filter((id) => id.startsWith('s'))).toEqual(['s1']) // in order, within one workspace
  never.open()
  expect(await first).toBe(4)
  expect(it.done).toEqual(['g1', 'g2', 'g3', 's1', 's2'])
})

test('a server that is silent holds up its own lane of a workspace, and not what is at another server', async () => {
  const [stuck, never] = [makeStuck(() => {}), gate()]
  const all = [
    { workspace: 'acme', id: 'a1', server: 'silent' },
    { workspace: 'acme', id: 'a2', server: 'silent' },
    { workspace: 'acme', id: 'b1', server: 'other' },
  ]
  const it = due(all, { a1: never.opened })
  const first = workOff(stuck, 'test', { ...it.round, lane: ({ server }) => server! })
  await vi.waitFor(() => expect(it.done).toEqual(['b1']))
  expect(it.begun).toEqual(['a1', 'b1'])
  never.open()
  expect(await first).toBe(3)
})

test('a workspace with many silent servers leaves room for the others, and those that wait come in their order', async () => {
  const turns = workspaceTurns({ atOnce: 4, ofOne: 2 })
  const begun: string[] = []
  const gates = new Map<string, ReturnType<typeof gate>>()
  const work = (workspace: string, id: string) =>
    turns(workspace, async () => {
      begun.push(id)
      const held = gate()
      gates.set(id, held)
      await held.opened
      if (id === 's2') throw new Error('no')
    })
  const all = ['s1', 's2', 's3', 's4', 's5'].map((id) => work('slow', id))
  const others = [work('good', 'g1'), work('else', 'e1'), work('last', 'l1')]
  await vi.waitFor(() => expect(begun).toEqual(['s1', 's2', 'g1', 'e1']))
  gates.get('s2')!.open() // a place is free, and one of `slow` waited before `last`: it has its own two again
  await expect(all[1]).rejects.toThrow('no')
  await vi.waitFor(() => expect(begun).toEqual(['s1', 's2', 'g1', 'e1', 's3']))
  gates.get('g1')!.open() // `slow` has two at work: it is passed over
  await vi.waitFor(() => expect(begun).toEqual(['s1', 's2', 'g1', 'e1', 's3', 'l1']))
  for (const id of ['s1', 's3', 'e1', 'l1', 's4', 's5']) {
    await vi.waitFor(() => expect(gates.has(id)).toBe(true))
    gates.get(id)!.open()
  }
  await Promise.allSettled([...all, ...others])
  expect(begun.slice(-2)).toEqual(['s4', 's5'])
})

test('a lane that worked for long stops after its row, so that whoever waits has a turn; the next look finds the rest', async () => {
  const stuck = makeStuck(() => {})
  const it = due([...rows('slow', 's1', 's2'), ...rows('good', 'g1')], {
    get s1() {
      return new Promise((resolve) => setTimeout(resolve, 30))
    },
  })
  const round = { ...it.round, room: { atOnce: 1, ofOne: 1 }, turnMillis: 10 }
  expect(await workOff(stuck, 'test', round)).toBe(2)
  expect(it.done).toEqual(['s1', 'g1'])
  expect(await workOff(stuck, 'test', round)).toBe(1)
  expect(it.done).toEqual(['s1', 'g1', 's2'])
})

test('a row that always fails takes no place of the others of its workspace, and one that is gone is forgotten', async () => {
  let now = 0
  const stuck = makeStuck(
    () => {},
    () => now,
  )
  const it = due([...rows('acme', 'bad', 'a1', 'a2')], {
    get bad() {
      return Promise.reject(new Error('always'))
    },
  })
  const one = { ...it.round, each: 1 }
  expect([await workOff(stuck, 'test', one), await workOff(stuck, 'test', one)]).toEqual([1, 1])
  expect(it.done).toEqual(['a1'])
  expect(stuck.names('test')).toEqual(['acme bad'])
  for (const row of it.left) if (row.id === 'bad') it.left.delete(row)
  now = 1
  await workOff(stuck, 'test', one)
  expect([it.done, stuck.names('test')]).toEqual([['a1', 'a2'], []])
})

test('while the database is away a round ends at once: that is nobody in particular', async () => {
  const stuck = makeStuck(() => {})
  const it = due(rows('acme', 'a1', 'a2'))
  const tried: string[] = []
  const away = async ({ id }: Row): Promise<void> => {
    tried.push(id)
    throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  }
  await expect(workOff(stuck, 'test', { ...it.round, one: away })).rejects.toThrow('ECONNREFUSED')
  expect(tried).toEqual(['a1'])
})

test('a look that takes long is not joined by a second one; once the program ends nothing more is begun', async () => {
  const [stuck, looking] = [makeStuck(() => {}), gate()]
  const it = due(rows('acme', 'a1', 'a2'))
  const find: Round<Row>['find'] = async (...asked) => {
    await looking.opened
    return it.round.find(...asked)
  }
  const first = workOff(stuck, 'test', { ...it.round, find })
  expect(await workOff(stuck, 'test', it.round)).toBe(0)
  const one: Round<Row>['one'] = async (row) => {
    await it.round.one(row)
    stuck.end()
  }
  looking.open()
  expect(await first).toBe(2)
  it.left.add({ workspace: 'acme', id: 'a3' }).add({ workspace: 'acme', id: 'a4' })
  expect(await workOff(stuck, 'test', { ...it.round, one })).toBe(1)
  expect(await workOff(stuck, 'test', it.round)).toBe(0)
  expect(it.begun).toEqual(['a1', 'a2', 'a3'])
})

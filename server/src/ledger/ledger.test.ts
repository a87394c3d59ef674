import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { idFrom } from '@viewportai/core/ids'
import type { Command } from '@viewportai/core/run/command'
import { due } from '@viewportai/core/run/due'
import { readFact } from '@viewportai/core/run/facts'
import {
  changed,
  checks,
  edited,
  person,
  planned,
  runner,
  specOf,
  started as begins,
  steps,
  usage,
} from '@viewportai/core/run/testing/play'
import type { RunState } from '@viewportai/core/run/state'
import { testDatabase } from '../../test/database.ts'
import { atPlanGate, Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { act, actIn, actMany, type Asked } from './act.ts'
import { record } from './pending.ts'
import { factsOf, feed, loadRun } from './read.ts'
import { rebuild } from './rebuild.ts'
import { verifyChain, verifyWorkspace } from './verify.ts'

const made = await testDatabase()
const { db } = made

const newRun = (): string => idFrom('run', randomBytes(13))
const by = { kind: 'person', id: 'usr_sam', name: 'sam' } as const
const started: Asked = { do: 'start', by, spec: specOf(), delivery: null, tainted: false }
const via = { surface: 'web', auth: 'session' } as const

const toPlanGate = (workspace: string): Promise<Story> => atPlanGate(db, workspace, specOf())

const rows = (workspace: string, text: string, values: unknown[] = []) =>
  inWorkspace(db, workspace, async (tx) => (await tx.query(text, values)).rows)

describe('the door', () => {
  test('a start is a fact, a run with its number, and work for a runner', async () => {
    const workspace = await made.workspace()
    const s = new Story(db, workspace)
    const { facts, refusal } = await s.doing(started)
    expect(refusal).toBeNull()
    expect(facts.map((fact) => fact.type)).toEqual(['run.started'])
    const stored = await inWorkspace(db, workspace, (tx) => factsOf(tx, s.run))
    expect(stored.map((fact) => readFact(fact.text))).toEqual(facts)
    expect(
      await rows(workspace, 'select number, status, title, source, workflow_name, requester, seq from vp.runs'),
    ).toEqual([
      {
        number: 1,
        status: 'running',
        title: 'Prices are wrong',
        source: 'BUG-1',
        workflow_name: 'bug-to-change',
        requester: 'usr_sam',
        seq: 1,
      },
    ])
    expect(
      await rows(workspace, 'select key, kind, step, agent, mode, pool, state, repos, runner from vp.work'),
    ).toEqual([
      {
        key: 'plan:1',
        kind: 'agent',
        step: 'plan',
        agent: 'sample',
        mode: 'plan',
        pool: 'local',
        state: 'ready',
        repos: ['acme/shop'],
        runner: null,
      },
    ])
    expect(await s.state()).toEqual((await s.doing({ do: 'cancelNow' })).state)
  })

  test('work leaves the queue when it has begun; a gate is in the inbox of its approvers while it is open', async () => {
    const workspace = await made.workspace()
    const s = await toPlanGate(workspace)
    expect(await rows(workspace, 'select key from vp.work')).toEqual([])
    const gate = await s.gate()
    expect(await rows(workspace, 'select principal, gate, opened_at from vp.gate_approvers')).toEqual([
      { principal: 'team:payments', gate: gate.id, opened_at: gate.openedAt },
    ])
    expect(await rows(workspace, 'select gate, state, not_by, expires_at from vp.gates')).toEqual([
      {
        gate: gate.id,
        state: 'open',
        not_by: gate.excluded.map((one) => one.person).sort(),
        expires_at: gate.expiresAt,
      },
    ])
    expect(await rows(workspace, 'select status, waiting from vp.runs')).toEqual([
      { status: 'waiting', waiting: 'plan_review' },
    ])
    await s.vote('jess', 'approve')
    expect(await rows(workspace, 'select principal from vp.gate_approvers')).toEqual([])
    expect(await rows(workspace, 'select state, outcome, decided_by from vp.gates')).toEqual([
      { state: 'closed', outcome: 'approved', decided_by: ['usr_jess'] },
    ])
    expect(await rows(workspace, 'select key, runner from vp.work')).toEqual([{ key: 'implement:1', runner: 'rnr_1' }])
  })

  test('a gate that opens again because a vote is withdrawn is in the inbox again', async () => {
    const workspace = await made.workspace()
    const s = await toPlanGate(workspace)
    const gate = await s.gate()
    const before = await rows(workspace, 'select * from vp.gate_approvers')
    await s.vote('jess', 'approve')
    expect((await s.doing({ do: 'withdraw', gate: gate.id, person: person('jess'), via })).refusal).toBeNull()
    expect(await rows(workspace, 'select * from vp.gate_approvers')).toEqual(before)
    expect(await rows(workspace, 'select state, outcome from vp.gates')).toEqual([{ state: 'open', outcome: null }])
    expect((await rebuild(db, workspace)).different).toEqual([])
  })

  test('a refusal that is evidence is stored; one that is none leaves nothing', async () => {
    const workspace = await made.workspace()
    const s = await toPlanGate(workspace)
    const refused = await s.vote('sam', 'approve')
    expect(refused.refusal?.refusal).toBe('excluded_approver')
    expect(
      (await rows(workspace, 'select type from vp.facts where run = $1 order by seq desc limit 1', [s.run]))[0],
    ).toEqual({ type: 'decision.refused' })
    const nobody = await act(db, { workspace, run: newRun(), command: { do: 'cancelNow' } })
    expect(nobody).toMatchObject({ facts: [], state: null, refusal: { refusal: 'not_found' } })
    const twice = await s.doing(started)
    expect(twice).toMatchObject({ facts: [], refusal: { refusal: 'conflict' } })
  })

  test('an expectation that has passed is refused with both numbers', async () => {
    const workspace = await made.workspace()
    const s = await toPlanGate(workspace)
    const { seq } = await s.state()
    expect(
      (await act(db, { workspace, run: s.run, expected: seq - 1, command: { do: 'cancel', by, reason: '' } })).refusal,
    ).toMatchObject({ refusal: 'sequence_moved', facts: { expected: seq - 1, found: seq } })
    expect(
      (await act(db, { workspace, run: s.run, expected: seq, command: { do: 'cancel', by, reason: '' } })).refusal,
    ).toBeNull()
  })

  test('of ten votes at once one counts', async () => {
    const workspace = await made.workspace()
    const s = await toPlanGate(workspace)
    const gate = await s.gate()
    const votes = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        s.doing({
          do: 'decide',
          gate: gate.id,
          verdict: i % 2 ? 'approve' : 'reject',
          digest: gate.digest,
          person: person(`p${i}`),
          via,
          comment: null,
          lines: [],
          answer: null,
        }),
      ),
    )
    expect(votes.filter((vote) => vote.refusal === null)).toHaveLength(1)
    expect((await rows(workspace, `select count(*) from vp.facts where type = 'decision.made'`))[0]).toEqual({
      count: 1,
    })
  })

  test('many runs start in one transaction, beside rows of the caller, with numbers and positions in order', async () => {
    const workspace = await made.workspace()
    const ids = Array.from({ length: 40 }, newRun)
    await inWorkspace(db, workspace, async (tx) => {
      await tx.query(`insert into vp.settings (workspace, name, value) values ($1, 'x', '1')`, [workspace])
      await actIn(
        tx,
        ids.map((run) => ({ run, command: started })),
      )
    })
    expect(await rows(workspace, 'select run, number from vp.runs order by number')).toEqual(
      ids.map((run, i) => ({ run, number: i + 1 })),
    )
    expect(await rows(workspace, 'select run, position from vp.facts order by position')).toEqual(
      ids.map((run, i) => ({ run, position: i + 1 })),
    )
    await expect(
      inWorkspace(db, workspace, async (tx) => {
        await actIn(tx, [{ run: newRun(), command: started }])
        throw new Error('the caller failed')
      }),
    ).rejects.toThrow('the caller failed')
    expect((await rows(workspace, 'select count(*) from vp.runs'))[0]).toEqual({ count: 40 })
  })

  test('positions have no holes and follow the commits, whoever appends at once', async () => {
    const workspace = await made.workspace()
    const all = Promise.all(Array.from({ length: 30 }, () => act(db, { workspace, run: newRun(), command: started })))
    const seen: number[] = []
    let last = 0
    while (seen.length < 30) {
      const next = await inWorkspace(db, workspace, (tx) => feed(tx, last))
      seen.push(...next.map((fact) => fact.position))
      last = seen.at(-1) ?? 0
    }
    await all
    expect(seen).toEqual(Array.from({ length: 30 }, (_, i) => i + 1)) // a reader that follows the feed misses none
    expect((await rows(workspace, 'select array_agg(number order by number) as numbers from vp.runs'))[0]).toEqual({
      numbers: seen,
    })
  })

  test('text from outside may hold NUL and lone surrogates', async () => {
    const workspace = await made.workspace()
    const spec = specOf()
    const nasty = {
      ...spec,
      event: { ...spec.event, text: 'a\0b \ud800 c', subject: { ...spec.event.subject, title: 'x\0y' } },
    }
    const run = newRun()
    // A digest over a lone surrogate is not JSON that everybody reads the same way: core refuses it loudly.
    await expect(act(db, { workspace, run, command: { ...started, spec: nasty } })).rejects.toThrow(/surrogate/)
    const fine = { ...nasty, event: { ...nasty.event, text: 'a\0b' } }
    const { state } = await act(db, { workspace, run, command: { ...started, spec: fine } })
    expect(await inWorkspace(db, workspace, (tx) => loadRun(tx, run))).toEqual(state)
    expect(await rows(workspace, 'select title from vp.runs')).toEqual([{ title: 'x⟨U+0000⟩y' }])
  })

  test('a workspace that is not there is a fault', async () => {
    await expect(
      act(db, { workspace: idFrom('ws', randomBytes(13)), run: newRun(), command: started }),
    ).rejects.toThrow(/There is no workspace/)
  })
})

describe('facts of the workspace', () => {
  test('have a chain of their own in the same order of positions', async () => {
    const workspace = await made.workspace()
    const run = newRun()
    await inWorkspace(db, workspace, async (tx) => {
      record(tx, { type: 'team.added', by, data: { team: 'team_1', slug: 'payments', name: 'Payments' } })
      await actIn(tx, [{ run, command: started }])
      record(tx, { type: 'runner.drained', by, data: { runner: 'rnr_1', drain: true } })
    })
    await inWorkspace(db, workspace, async (tx) => {
      expect((await feed(tx)).map((fact) => [fact.run, fact.seq, fact.type])).toEqual([
        [run, 1, 'run.started'],
        [workspace, 1, 'team.added'],
        [workspace, 2, 'runner.drained'],
      ])
      expect(await verifyChain(tx, workspace)).toMatchObject({ ok: true, count: 2 })
      expect(await verifyWorkspace(tx)).toEqual({ chains: 2, facts: 3, faults: [] })
    })
  })

  test('are checked before they are stored', async () => {
    const workspace = await made.workspace()
    await expect(
      inWorkspace(db, workspace, async (tx) => record(tx, { type: 'team.added', by, data: { team: 1 } } as never)),
    ).rejects.toThrow()
    expect(await rows(workspace, 'select * from vp.facts')).toEqual([])
  })
})

describe('the chain', () => {
  test.each([
    [
      'a changed byte',
      `update vp.facts set text = replace(text, 'laptop', 'Laptop') where seq = 2`,
      /fact 2 \(step.started\) does not have the hash/,
    ],
    ['a removed fact', 'delete from vp.facts where seq = 2', /fact 2 is missing/],
    ['a cut tail', 'delete from vp.facts where seq = (select max(seq) from vp.facts)', /was the last one/],
    ['a changed column', `update vp.facts set type = 'step.failed' where seq = 2`, /says something else/],
    [
      'two facts swapped',
      `update vp.facts f set text = g.text, hash = g.hash from vp.facts g where f.seq in (2, 3) and g.seq = 5 - f.seq and g.run = f.run`,
      /fact 2 \(step.finished|fact 2 /,
    ],
  ])('tells %s', async (_, tamper, words) => {
    const workspace = await made.workspace()
    const s = await toPlanGate(workspace)
    await db.asOwner(async (owner) => {
      await owner.query(`begin; set local vp.workspace = '${workspace}'`)
      expect((await owner.query(tamper)).rowCount).toBeGreaterThan(0)
      await owner.query('commit')
    })
    const check = await inWorkspace(db, workspace, (tx) => verifyChain(tx, s.run))
    expect(check.ok ? 'fine' : check.why).toMatch(words)
  })

  test('the application can neither change nor remove a fact', async () => {
    const workspace = await made.workspace()
    await toPlanGate(workspace)
    for (const text of [`update vp.facts set text = 'x'`, 'delete from vp.facts', 'truncate vp.facts'])
      await expect(rows(workspace, text)).rejects.toThrow(/permission denied/)
  })
})

describe('a rebuild', () => {
  test('after random stories finds every row as it stands', { timeout: 60_000 }, async () => {
    const workspace = await made.workspace()
    const roll = fc.record({ kind: fc.nat(11), a: fc.nat(50), b: fc.nat(50) })
    const stories = fc.sample(fc.array(roll, { minLength: 25, maxLength: 25 }), { numRuns: 12, seed: 7 })
    const ends = await Promise.all(
      stories.map(async (rolls) => {
        const s = new Story(db, workspace)
        await s.doing(started)
        for (const one of rolls) for (const command of commandsOf(await s.state(), one)) await s.doing(command)
        return s.state()
      }),
    )
    expect(new Set(ends.map((state) => Object.keys(state.gates).length)).size).toBeGreaterThan(1)
    expect(ends.some((state) => state.change !== null)).toBe(true)
    expect(await rebuild(db, workspace)).toEqual({ runs: 12, different: [] })
    expect((await inWorkspace(db, workspace, verifyWorkspace)).faults).toEqual([])
    for (const state of ends) expect(await inWorkspace(db, workspace, (tx) => loadRun(tx, state.run))).toEqual(state)
  })

  test('makes lost and wrong rows again and says which', async () => {
    const workspace = await made.workspace()
    const s = await toPlanGate(workspace)
    const before = await s.state()
    await rows(workspace, `delete from vp.gate_approvers`)
    await rows(workspace, `update vp.runs set state = '{}', status = 'finished'`)
    expect(await rebuild(db, workspace)).toEqual({
      runs: 1,
      different: [{ run: s.run, tables: ['runs', 'gate_approvers'] }],
    })
    expect(await s.state()).toEqual(before)
    await rows(workspace, 'delete from vp.runs')
    expect((await rebuild(db, workspace)).different).toEqual([{ run: s.run, tables: ['runs'] }])
    expect(await s.state()).toEqual(before)
    expect((await rebuild(db, workspace)).different).toEqual([])
  })

  test('leaves leased work leased', async () => {
    const workspace = await made.workspace()
    const s = new Story(db, workspace)
    await s.doing(started)
    await rows(
      workspace,
      `insert into vp.leases (workspace, lease, run, key, step, attempt, epoch, runner, request, state, expires_at) values ($1, 'lease_1', $2, 'plan:1', 'plan', 1, 3, 'rnr_1', 'q', 'held', vp.now_ms() + 60000)`,
      [workspace, s.run],
    )
    await rows(workspace, `update vp.work set state = 'leased', lease = 'lease_1', epoch = 3`)
    expect((await rebuild(db, workspace)).different).toEqual([])
    await rows(workspace, 'delete from vp.work')
    await rebuild(db, workspace)
    expect(await rows(workspace, 'select state, lease, epoch from vp.work')).toEqual([
      { state: 'leased', lease: 'lease_1', epoch: 3 },
    ])
  })
})

/** A command or two that fit the state more or less. */
const commandsOf = (state: RunState, { kind, a, b }: { kind: number; a: number; b: number }): Asked[] => {
  const ready = due(state).flatMap((one) => (one.kind === 'work' ? [one] : []))
  const running = Object.entries(state.steps).find(([, step]) => step.status === 'running')
  const gates = Object.values(state.gates)
  const gate = gates.find((one) => one.state === 'open') ?? gates.at(-1)
  const who = person(['jess', 'dana', 'sam', 'eve'][b % 4]!)
  if (kind <= 4 && ready[0] && ready[0].work !== 'effect') {
    const { step, attempt } = ready[0]
    const spec = steps.find((one) => one.id === step)!
    const result = spec.kind === 'run' ? checks(a % 4 > 0) : spec.id === 'plan' ? planned : edited(String(b % 3))
    const begun: Asked = {
      do: 'report',
      by: runner,
      step,
      attempt,
      epoch: attempt,
      report: begins,
    }
    return a % 9 === 0 ? [begun] : [begun, { do: 'report', by: runner, step, attempt, epoch: attempt, report: result }]
  }
  if (kind <= 4 && ready[0]?.intent) {
    const { intent, attempt } = ready[0]
    const send = (report: Extract<Command, { do: 'report' }>['report']): Asked => ({
      do: 'report',
      by: runner,
      step: intent,
      attempt,
      epoch: attempt,
      report,
    })
    return [
      send({ type: 'effect_started', intent, attempt }),
      a % 5
        ? send({
            type: 'effect_succeeded',
            intent,
            attempt,
            reconciled: false,
            receipt: {
              provider: 'git',
              id: intent,
              url: null,
              observed: { ref: state.spec.branch, commit: changed('p').commit },
              readBack: true,
            },
          })
        : send({ type: 'effect_unknown', intent, attempt, why: 'gone' }),
    ]
  }
  if (kind <= 4 && running)
    return [
      {
        do: 'lose',
        step: running[0],
        attempt: running[1].attempt,
        epoch: running[1].epoch,
        runner: 'rnr_1',
        why: 'no beat',
      },
    ]
  if (kind <= 9 && gate) {
    if (gate.subject.kind === 'question')
      return [
        {
          do: 'decide',
          gate: gate.id,
          verdict: 'answer',
          digest: gate.digest,
          person: who,
          via,
          comment: null,
          lines: [],
          answer: { choice: gate.subject.choices[a % gate.subject.choices.length]!.id, text: 'because' },
        },
      ]
    return [
      {
        do: 'decide',
        gate: gate.id,
        verdict: a % 6 ? 'approve' : 'request_changes',
        digest: a % 7 ? gate.digest : 'f'.repeat(64),
        person: who,
        via,
        comment: 'more',
        lines: [],
        answer: null,
      },
    ]
  }
  if (kind === 10) return [{ do: 'withdraw', gate: gate?.id ?? 'gate_x', person: who, via }]
  if (a === 0) return [{ do: 'cancel', by, reason: '' }]
  return [{ do: 'recordRefusal', by, code: 'runner_refused', words: 'No.', step: null, about: { usage } }]
}

test('a hot run does not get slower with its facts', async () => {
  const workspace = await made.workspace()
  const s = await toPlanGate(workspace)
  const one: Asked = { do: 'recordRefusal', by, code: 'runner_refused', words: 'No.', step: null, about: {} }
  const timed = async (n: number) => {
    const from = performance.now()
    for (let i = 0; i < n; i++) await s.doing(one)
    return (performance.now() - from) / n
  }
  await timed(50)
  const early = await timed(100)
  await actMany(
    db,
    workspace,
    Array.from({ length: 3_000 }, () => ({ run: s.run, command: one })),
  )
  const late = await timed(100)
  expect(late).toBeLessThan(early * 3 + 2)
})

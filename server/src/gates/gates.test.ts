import { describe, expect, test } from 'vitest'
import { GateCard } from '@viewportai/core/view/shapes'
import { steps } from '@viewportai/core/run/testing/play'
import { testPlane, send, type Came } from '../../test/plane.ts'
import { atPlanGate, specFor, toChangeGate } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { factsOf } from '../ledger/read.ts'

const { plane, workspace, replica, url } = await testPlane()
const { db } = plane.context
const acme = await workspace('acme', ['payments', 'support'])
const sam = await acme.person('sam', { teams: ['payments'] })
const jess = await acme.person('jess', { teams: ['payments'] })
const dana = await acme.person('dana', { teams: ['payments'] })
const rob = await acme.person('rob', { teams: ['support'] })

const waiting = (over: Parameters<typeof specFor>[1] = {}) => atPlanGate(db, acme.id, specFor(sam, over))
const approve = (gate: { digest: string }, more: object = {}) => ({ verdict: 'approve', digest: gate.digest, ...more })
const typesOf = async (run: string): Promise<string[]> =>
  (await inWorkspace(db, acme.id, (tx) => factsOf(tx, run))).map((fact) => fact.type)
const refusedFact = async (run: string) =>
  JSON.parse(
    (await inWorkspace(db, acme.id, (tx) => factsOf(tx, run))).findLast((fact) => fact.type === 'decision.refused')!
      .text,
  )
/** Steps whose plan gate needs two votes. */
const twoVotes = steps.map((step) =>
  step.id === 'plan_review' && step.kind === 'gate' ? { ...step, required: 2, exclude: [] } : step,
)

describe('the inbox', () => {
  test('holds open gates of my teams, newest first, never those I may not decide', async () => {
    const first = await waiting({ title: 'First' })
    const second = await waiting({ title: 'Second' })
    const mine = async (person: typeof jess) => (await person.get('/api/inbox')).body
    const inbox = await mine(jess)
    expect(inbox.open.map((item: { title: string }) => item.title)).toEqual(['Second', 'First'])
    expect(inbox.open[0]).toMatchObject({
      gate: (await second.gate()).id,
      kind: 'plan',
      yours: true,
      myVerdict: null,
      agent: 'sample',
      holdsRun: true,
      verb: 'Second',
    })
    expect(inbox.total).toBe(2)
    expect((await mine(sam)).open).toEqual([]) // asked for both
    expect((await mine(rob)).open).toEqual([]) // another team
    const gate = await first.gate()
    expect((await jess.post(`/api/gates/${gate.id}/decisions`, approve(gate))).status).toBe(201)
    const after = await mine(jess)
    expect(after.open).toHaveLength(1)
    expect(after.decided[0]).toMatchObject({
      gate: gate.id,
      state: 'closed',
      outcome: 'approved',
      myVerdict: 'approve',
    })
    expect((await mine(dana)).open).toHaveLength(1)
  })

  test("pages are full although half of the gates are somebody else's to decide", async () => {
    const beta = await workspace('beta', ['payments'])
    const [one, two] = [
      await beta.person('one', { teams: ['payments'] }),
      await beta.person('two', { teams: ['payments'] }),
    ]
    for (let n = 0; n < 24; n++) await atPlanGate(db, beta.id, specFor(n % 2 ? one : two, { title: `run ${n}` }))
    const titles: string[] = []
    let before: string | null = null
    do {
      const page: Came = await one.get(`/api/inbox?limit=5${before ? `&before=${before}` : ''}`)
      expect(page.body.total).toBe(12)
      expect(page.body.open.length).toBe(page.body.older ? 5 : 2)
      titles.push(...page.body.open.map((item: { title: string }) => item.title))
      before = page.body.older
    } while (before)
    expect(titles).toEqual(Array.from({ length: 12 }, (_, i) => `run ${22 - 2 * i}`))
    expect((await one.get('/api/inbox?before=nonsense')).body.code).toBe('invalid')
  })

  test('a gate that needs one vote more leaves the inbox of who has voted', async () => {
    const story = await waiting({ title: 'Two votes', steps: twoVotes })
    const gate = await story.gate()
    const voted = await jess.post(`/api/gates/${gate.id}/decisions`, approve(gate))
    expect(voted.body).toMatchObject({ state: 'open', votesNeeded: 1, outcome: null })
    const inbox = (await jess.get('/api/inbox')).body
    expect(inbox.open.map((item: { gate: string }) => item.gate)).not.toContain(gate.id)
    expect(inbox.decided.map((item: { gate: string }) => item.gate)).toContain(gate.id)
    const done = await dana.post(`/api/gates/${gate.id}/decisions`, approve(gate))
    expect(done.body).toMatchObject({ state: 'closed', outcome: 'approved', votesNeeded: 0 })
  })
})

describe('a card', () => {
  test('says who may decide and why the viewer may or may not, and names the next gate', async () => {
    const story = await waiting()
    const gate = await story.gate()
    const card = GateCard.parse((await jess.get(`/api/gates/${gate.id}`)).body)
    expect(card).toMatchObject({
      may: { decide: true, why: 'You are among the approvers: @payments.' },
      approvers: [{ principal: 'team:payments', label: '@payments' }],
      digest: gate.digest,
      excluded: [{ name: '@sam', why: 'asked for this run' }],
    })
    expect(card.next).not.toBeNull()
    expect(card.next).not.toBe(gate.id)
    expect((await sam.get(`/api/gates/${gate.id}`)).body.may).toEqual({
      decide: false,
      why: 'sam asked for this run and cannot vote.',
    })
    expect((await rob.get(`/api/gates/${gate.id}`)).body.may.decide).toBe(false)
  })
})

describe('a gate that cannot be passed says so, and what would help', () => {
  const two = (exclude: ('requester' | 'runner_owner')[]) =>
    steps.map((step) => (step.id === 'plan_review' && step.kind === 'gate' ? { ...step, required: 2, exclude } : step))
  const cardOf = async (who: typeof sam, gate: { id: string }) =>
    GateCard.parse((await who.get(`/api/gates/${gate.id}`)).body)

  test('to whom is alone in the team, on the card and after the one vote, until somebody joins', async () => {
    const solo = await workspace('solo', ['payments'])
    const kim = await solo.person('kim', { teams: ['payments'] })
    const spec = specFor(kim, { steps: two([]) })
    const gate = await (await atPlanGate(db, solo.id, spec)).gate()
    const lack = '2 votes are needed and one person may give one: add somebody to team payments.'
    expect(await cardOf(kim, gate)).toMatchObject({ required: 2, voters: 1, may: { decide: true } })
    expect((await cardOf(kim, gate)).reasons.at(-1)).toBe(lack)
    const voted = await kim.post(`/api/gates/${gate.id}/decisions`, approve(gate))
    expect(voted.body).toMatchObject({ state: 'open', votesNeeded: 1, lack })
    expect(await cardOf(kim, gate)).toMatchObject({ voters: 0, reasons: [expect.any(String), lack] })
    const lee = await solo.person('lee', { teams: ['payments'] })
    expect(await cardOf(lee, gate)).toMatchObject({ voters: 1, reasons: [expect.any(String)] })
    expect((await lee.post(`/api/gates/${gate.id}/decisions`, approve(gate))).body).toMatchObject({
      state: 'closed',
      outcome: 'approved',
      lack: null,
    })
  })

  test('where who asked is left out, where the others have left, and where the runner is theirs', async () => {
    const duo = await workspace('duo', ['payments'])
    const [kim, lee] = [
      await duo.person('kim', { teams: ['payments'] }),
      await duo.person('lee', { teams: ['payments'] }),
    ]
    const pins = { ...specFor(kim).pins, people: { payments: [kim.id, lee.id] } }
    const open = async (of: ReturnType<typeof two>) =>
      (await atPlanGate(db, duo.id, { ...specFor(kim, { steps: of }), pins })).gate()
    expect(await cardOf(lee, await open(two(['requester'])))).toMatchObject({
      voters: 1,
      reasons: [expect.any(String), expect.stringMatching(/^2 votes are needed and one person may give one/)],
    })
    const asWritten = await open(steps as ReturnType<typeof two>)
    expect(await cardOf(lee, asWritten)).toMatchObject({ voters: 1, reasons: [expect.any(String)] })
    await duo.admin.put(`/api/people/${lee.id}`, { active: false })
    expect((await cardOf(kim, asWritten)).reasons.at(-1)).toBe(
      'A vote is needed and nobody may give one: add somebody to team payments.',
    )
  })

  test('not where enough may vote', async () => {
    const gate = await (await waiting({ title: 'Enough', steps: twoVotes })).gate()
    expect(await cardOf(jess, gate)).toMatchObject({ voters: 3, reasons: [expect.any(String)] })
  })
})

describe('a decision', () => {
  test('binds to the digest that was seen; another one is refused and kept as evidence', async () => {
    const story = await waiting()
    const gate = await story.gate()
    const came = await jess.post(`/api/gates/${gate.id}/decisions`, { verdict: 'approve', digest: 'a'.repeat(64) })
    expect(came.status).toBe(409)
    expect(came.body).toMatchObject({ code: 'gate_drifted', type: 'urn:viewport:problem:gate_drifted' })
    expect(await refusedFact(story.run)).toMatchObject({
      by: { kind: 'person', id: jess.id },
      data: { code: 'gate_drifted', digest: 'a'.repeat(64), via: { surface: 'web', auth: 'session' } },
    })
  })

  test.each([
    ['who asked for the run', () => sam, 'excluded_approver'],
    ['another team, with the link', () => rob, 'not_an_approver'],
    ['an admin who is no approver', () => acme.admin, 'not_an_approver'],
  ])('of %s is refused and leaves a fact', async (_, who, code) => {
    const story = await waiting()
    const gate = await story.gate()
    const came = await who().post(`/api/gates/${gate.id}/decisions`, approve(gate))
    expect(came.status).toBe(403)
    expect(came.body.code).toBe(code)
    expect(await refusedFact(story.run)).toMatchObject({ by: { id: who().id }, data: { code, gate: gate.id } })
    expect((await story.gate()).state).toBe('open')
  })

  test('two opposite ones at once, at two replicas: one decision, one clear answer', async () => {
    const other = await replica()
    for (let n = 0; n < 6; n++) {
      const story = await waiting()
      const gate = await story.gate()
      const came = await Promise.all([
        jess.post(`/api/gates/${gate.id}/decisions`, approve(gate)),
        dana
          .at(other)
          .post(`/api/gates/${gate.id}/decisions`, { verdict: 'reject', digest: gate.digest, comment: 'no' }),
        jess.at(other).post(`/api/gates/${gate.id}/decisions`, approve(gate)), // a double click
      ])
      expect(came.map((one) => one.status).sort()).toEqual([201, 409, 409])
      expect(came.filter((one) => one.status === 409).map((one) => one.body.code)).toEqual([
        'gate_closed',
        'gate_closed',
      ])
      const types = await typesOf(story.run)
      expect(types.filter((type) => type === 'decision.made')).toHaveLength(1)
      expect(types.filter((type) => type === 'decision.refused')).toHaveLength(2)
    }
  })

  test('of somebody who lost the team a moment ago is refused', async () => {
    const kim = await acme.person('kim', { teams: ['payments'] })
    const story = await waiting()
    const gate = await story.gate()
    expect((await kim.get(`/api/gates/${gate.id}`)).body.may.decide).toBe(true)
    await acme.admin.put(`/api/people/${kim.id}`, { teams: ['support'] })
    expect((await kim.post(`/api/gates/${gate.id}/decisions`, approve(gate))).body.code).toBe('not_an_approver')
  })

  test('and the removal of its author at the same moment: never a vote after the removal', async () => {
    const lou = await acme.person('lou', { teams: ['payments'] })
    const story = await waiting()
    const gate = await story.gate()
    const blocked = (count: number) =>
      expect
        .poll(
          async () =>
            (
              await db.app.query(
                `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
              )
            ).rowCount,
          { timeout: 20_000, interval: 5 },
        )
        .toBe(count)
    const held = await db.app.connect()
    let vote: Promise<Came>
    let removal: Promise<Came>
    try {
      await held.query(`begin; set local vp.workspace = '${acme.id}'`)
      await held.query('select from vp.runs where workspace = $1 and run = $2 for update', [acme.id, story.run])
      vote = lou.post(`/api/gates/${gate.id}/decisions`, approve(gate))
      await blocked(1) // the vote has read its rights and waits for the run
      removal = acme.admin.put(`/api/people/${lou.id}`, { active: false })
      await blocked(2) // the removal waits for the vote
    } finally {
      await held.query('commit')
      held.release()
    }
    expect([(await vote).status, (await removal).status]).toEqual([201, 200])
    const { rows } = await inWorkspace(db, acme.id, (tx) =>
      tx.query<{ type: string }>(
        `select type from vp.facts where workspace = $1 and type in ('decision.made', 'person.changed') order by position desc limit 2`,
        [acme.id],
      ),
    )
    expect(rows.map((row) => row.type)).toEqual(['person.changed', 'decision.made'])
    expect((await lou.get('/api/inbox')).status).toBe(401)
  })

  test('after the time to decide has ended is refused as expired, whoever was faster: the sweep or the person', async () => {
    const story = await waiting({
      steps: steps.map((step) =>
        step.id === 'plan_review' && step.kind === 'gate' ? { ...step, expiresAfterSeconds: 1 } : step,
      ),
    })
    const gate = await story.gate()
    let came: Came
    do came = await jess.post(`/api/gates/${gate.id}/decisions`, { verdict: 'request_changes', digest: gate.digest })
    while (came.body.code === 'comment_required')
    expect(came.body.code).toBe('gate_expired')
  })

  test('requests changes with words for the agent, at any length allowed and no longer', async () => {
    const story = await waiting()
    const gate = await story.gate()
    const body = { verdict: 'request_changes', digest: gate.digest }
    expect((await jess.post(`/api/gates/${gate.id}/decisions`, { ...body, comment: '  ' })).body.code).toBe(
      'comment_required',
    )
    expect(
      (await jess.post(`/api/gates/${gate.id}/decisions`, { ...body, comment: 'x'.repeat(20_001) })).body,
    ).toMatchObject({ code: 'invalid', errors: [{ path: 'body.comment' }] })
    expect(
      (await jess.post(`/api/gates/${gate.id}/decisions`, { ...body, comment: 'Smaller steps.' })).body,
    ).toMatchObject({ outcome: 'changes_requested' })
    expect((await story.state()).steps['plan']).toMatchObject({
      status: 'open',
      round: 2,
      feedback: [{ text: 'Smaller steps.' }],
    })
  })

  test('can be withdrawn until its effect begins, by its author alone', async () => {
    const story = await waiting()
    const gate = await story.gate()
    await jess.post(`/api/gates/${gate.id}/decisions`, approve(gate))
    expect((await dana.del(`/api/gates/${gate.id}/decisions/mine`)).body.code).toBe('nothing_to_withdraw')
    expect((await jess.del(`/api/gates/${gate.id}/decisions/mine`)).status).toBe(204)
    expect((await jess.get('/api/inbox')).body.open[0].gate).toBe(gate.id)
    await jess.post(`/api/gates/${gate.id}/decisions`, approve(gate))
    await toChangeGate(story)
    expect((await jess.del(`/api/gates/${gate.id}/decisions/mine`)).body.code).toBe('nothing_to_withdraw')
  })

  test("with an API token says so; a runner's token and a GET decide nothing", async () => {
    const story = await waiting()
    const gate = await story.gate()
    const at = `/api/gates/${gate.id}/decisions`
    expect(
      (await send(url, 'POST', at, { body: approve(gate), headers: { authorization: 'DPoP some.runner.token' } }))
        .status,
    ).toBe(401)
    expect((await jess.get(at)).status).toBe(404)
    const { body } = await jess.post('/api/tokens', { name: 'cli', days: 1 })
    expect(
      (
        await send(url, 'POST', at, {
          body: approve(gate),
          headers: { authorization: `Bearer ${body.token}`, 'user-agent': 'viewport/0.1.0' },
        })
      ).status,
    ).toBe(201)
    const vote = (await story.state()).gates[gate.id]!.votes[0]
    expect(vote).toMatchObject({ person: jess.id, via: { surface: 'cli', auth: 'token' } })
  })
})

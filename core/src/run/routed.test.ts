/** A run whose event may go to several places: at one by its rows, or none before a person has said which. */
import { describe, expect, it } from 'vitest'
import { routeOf } from '../match/route.ts'
import { checkStory } from '../packet/verify-story.ts'
import { compileWorkflow } from '../workflow/compile.ts'
import { due } from './due.ts'
import { evolve } from './evolve.ts'
import type { RunSpec } from './spec.ts'
import type { RunState } from './state.ts'
import { Play, specOf } from './testing/play.ts'

const read = compileWorkflow(
  'name: fix\nteam: payments\ntrigger: { linear: { event: issue_assigned } }\nroute:\n  - { when: { project: Pay }, repo: acme/shop }\n  - { when: { labels: web }, repo: acme/web, team: web, pool: big, agent: codex }\n',
)
if (!read.ok) throw new Error(JSON.stringify(read.errors))
const { compiled: usual } = read
const beside = compileWorkflow(
  'name: fix\nteam: payments\ntrigger: { linear: { event: issue_assigned } }\nroute: { by: project, map: { Pay: acme/shop, Web: acme/web } }\nsteps:\n  - { id: plan, mode: read, prompt: a }\n  - { id: implement, mode: read, prompt: b, needs: [] }\n',
)
if (!beside.ok) throw new Error(JSON.stringify(beside.errors))
const compiled = usual
const started = (fields: Record<string, unknown>, compiled = usual): Play => {
  const spec = specOf(compiled)
  const event = { ...spec.event, tool: 'linear', event: 'issue_assigned', fields: fields as RunSpec['event']['fields'] }
  const seen = routeOf(compiled.route!, event)
  const agents = spec.pins.agents
  const options = [
    { label: 'acme/shop', pool: 'local', agents },
    {
      label: 'acme/web, team web',
      pool: 'big',
      agents: Object.fromEntries(Object.keys(agents).map((step) => [step, 'codex'])),
    },
  ]
  const repos = ['acme/shop', 'acme/web'].map((name) => ({
    name,
    url: `file:///${name}`,
    ref: 'refs/heads/main',
    commit: null,
  }))
  return new Play().start({
    ...spec,
    event,
    pins: { ...spec.pins, repos, pool: 'local' },
    routing: { options, chosen: seen.chosen, among: seen.among, why: seen.why },
  })
}
const faults = (p: Play) => checkStory(p.facts.map((fact) => ({ fact, text: '', hash: '' }))).faults
const question = (p: Play) => Object.values(p.state!.gates)[0]!
const answer = (p: Play, choice: string, person = 'jess', principals = ['team:payments']) => {
  const gate = question(p)
  return p.try({
    do: 'decide',
    at: p.at,
    gate: gate.id,
    verdict: 'answer',
    digest: gate.digest,
    person: { id: `usr_${person}`, name: person, principals, ownsRunner: false },
    via: { surface: 'web', auth: 'session' },
    comment: null,
    lines: [],
    answer: { choice, text: null },
  } as never)
}

describe('chosen by its rows', () => {
  it('has the repository, team, pool and agent of the place', () => {
    const p = started({ labels: ['web'], project: null })
    const { spec } = p.state!
    expect(spec.workflow.compiled).toMatchObject({
      team: 'web',
      repos: [{ name: 'acme/web', access: 'write' }],
      runner: { pool: 'big' },
    })
    expect(spec.workflow.compiled.steps.flatMap((step) => (step.kind === 'gate' ? step.approvers : []))).toEqual([
      'team:web',
      'team:web',
    ])
    expect(due(p.state!)).toMatchObject([{ step: 'plan', pool: 'big', agent: 'codex' }])
    expect(p.state!.frozen!.workflow.compiled).toEqual(compiled)
    expect(faults(p)).toEqual([])
  })
  it('a spec that goes elsewhere than its rows is found out', () => {
    const p = started({ labels: ['web'], project: null })
    const [first, ...rest] = p.facts
    const { spec } = first!.data as { spec: RunSpec }
    const forged = [
      { ...first!, data: { ...first!.data, spec: { ...spec, routing: { ...spec.routing!, chosen: 0 } } } },
      ...rest,
    ]
    expect(
      checkStory(forged.map((fact) => ({ fact: fact as never, text: '', hash: '' })))
        .faults.map(({ words }) => words)
        .join(),
    ).toMatch(/lead elsewhere/)
  })
})

describe('asked', () => {
  const asks = () => started({ labels: ['web'], project: 'Pay' })
  it('one question to the team of the workflow, and nothing is due before the answer, whatever time passes', () => {
    const p = asks()
    expect(question(p)).toMatchObject({
      kind: 'question',
      approvers: ['team:payments'],
      expiresAt: null,
      state: 'open',
    })
    expect(due(p.state!).filter(({ kind }) => kind === 'work')).toEqual([])
    expect(
      p
        .try({ do: 'expire', at: p.at + 10 ** 10, gate: question(p).id } as never)
        .facts.filter(({ type }) => type === 'run.routed'),
    ).toEqual([])
    expect(p.state!.routed).toBeNull()
  })
  it('no step begins, also not one that needs no other', () => {
    const p = started({ project: 'Elsewhere' }, beside.compiled)
    expect(due(p.state!).filter(({ kind }) => kind === 'work')).toEqual([])
    expect(answer(p, 'place-1').refusal).toBeNull()
    expect(due(p.state!)).toMatchObject([{ step: 'plan' }, { step: 'implement' }])
  })
  it('the answer of a person decides, once', () => {
    const p = asks()
    expect(answer(p, 'place-2').refusal).toBeNull()
    expect(p.state!.routed).toBe(1)
    expect(due(p.state!)).toMatchObject([{ step: 'plan', pool: 'big' }])
    expect(answer(p, 'place-1').refusal).not.toBeNull()
    expect(p.facts.filter(({ type }) => type === 'run.routed')).toHaveLength(1)
    expect(faults(p)).toEqual([])
    let again: RunState | null = null
    for (const fact of p.facts) again = evolve(again, fact)
    expect(again).toEqual(p.state)
  })
  it('a place that was not offered, or one who is not asked, decides nothing', () => {
    const p = asks()
    expect(answer(p, 'place-9').refusal).not.toBeNull()
    expect(answer(p, 'place-1', 'eve', ['team:web']).refusal).not.toBeNull()
    expect(p.state!.routed).toBeNull()
  })
  it('a place that nobody chose is found out', () => {
    const p = asks()
    answer(p, 'place-2')
    const forged = p.facts.map((fact) =>
      fact.type === 'run.routed' ? { ...fact, data: { ...fact.data, option: 0 } } : fact,
    )
    expect(
      checkStory(forged.map((fact) => ({ fact: fact as never, text: '', hash: '' }))).faults.map(({ code }) => code),
    ).toContain('not_approved')
  })
})

/** A run with a sample event: it comes to each effect, and nobody is ever told to do one. */
import { expect, it } from 'vitest'
import { checkStory } from '../packet/verify-story.ts'
import { boardRow } from '../view/board-row.ts'
import { compileWorkflow } from '../workflow/compile.ts'
import { due, effectIsDue } from './due.ts'
import { jobMisfit } from './job-fits.ts'
import { jobOf } from './job.ts'
import { slotOf } from './slot.ts'
import { Play, checks, edited, planned, specOf } from './testing/play.ts'

const compiledOf = (actions: string) => {
  const read = compileWorkflow(
    `name: bug-to-pr\nteam: payments\ntrigger: { linear: { event: issue_assigned } }\nrepos: [acme/shop]\nactions: ${actions}\nconcurrency: 1\n`,
  )
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return read.compiled
}
const played = (actions: string, more: object): Play => {
  const p = new Play()
    .start({ ...specOf(compiledOf(actions)), ...more })
    .begin('plan')
    .report('plan', planned)
  p.do(p.vote('jess', 'approve')).begin('implement').report('implement', edited('one'))
  return p.begin('verify').report('verify', checks(true)).do(p.vote('dana', 'approve'))
}
const rehearsal = { rehearsal: 'linear.issue-assigned' }
const faults = (p: Play) => checkStory(p.facts.map((fact) => ({ fact, text: '', hash: '' }))).faults

it.each(['[git.open_change]', '[{ github.open_pr: { draft: true } }, slack.comment]'])(
  '%s: proposed, rehearsed, never due',
  (actions) => {
    const p = played(actions, rehearsal)
    const intents = Object.values(p.state!.intents)
    expect(intents.map(({ state }) => state)).toEqual(intents.map(() => 'rehearsed'))
    expect(intents.length).toBeGreaterThan(1)
    expect(intents.filter((one) => effectIsDue(p.state!, one))).toEqual([])
    expect(due(p.state!)).toEqual([])
    for (const { id } of intents)
      expect(p.try({ do: 'beginEffect', at: p.at, intent: id, attempt: 1 }).refusal?.refusal).toBe('grant_invalid')
    expect(
      p.facts.filter(
        ({ type }) => type === 'intent.approved' || type.startsWith('effect.') || type === 'change.opened',
      ),
    ).toEqual([])
    expect(p.state!.finished).toMatchObject({ outcome: 'succeeded', why: 'Every step is done.' })
    expect(boardRow(p.state!)).toMatchObject({ rehearsal: true, state: { words: 'rehearsed' } })
    expect(faults(p)).toEqual([])
  },
)
it('gets no secret of a tool and reaches no host but its model, whatever its workflow names; the checks neither', () => {
  const named = { ...compiledOf('[git.open_change]'), network: { agents: ['docs.acme.dev'], checks: ['registries'] } }
  const of = specOf(named)
  const agents = { plan: 'claude', implement: 'claude' }
  const begins = (more: object) => new Play().start({ ...of, pins: { ...of.pins, agents }, ...more })
  const jobs = (p: Play) => due(p.state!).flatMap((one) => (one.kind === 'work' ? [jobOf(p.state!, one)] : []))
  const toChecks = (p: Play) => {
    p.begin('plan').report('plan', planned)
    return p.do(p.vote('jess', 'approve')).begin('implement').report('implement', edited('one'))
  }
  const p = begins(rehearsal)
  const [plan] = jobs(p)
  expect(plan).toMatchObject({ kind: 'agent', tainted: true, hosts: [] })
  const [verify] = jobs(toChecks(p))
  expect(verify).toMatchObject({ kind: 'checks', tainted: true, hosts: [] })
  for (const [step, job] of [
    ['plan', plan],
    ['verify', verify],
  ] as const)
    expect(jobMisfit(named, { run: p.state!.run, step, budgets: 1, job: job! })).toBeNull()
  const real = begins({})
  expect(jobs(real)[0]).toMatchObject({ hosts: ['docs.acme.dev'] })
  expect(jobs(real)[0]).not.toHaveProperty('tainted')
  expect(jobs(toChecks(real))[0]).toMatchObject({ kind: 'checks', hosts: ['registries'] })
})
it('the same run for real does what it says', () => {
  const p = played('[git.open_change]', {})
  expect(Object.values(p.state!.intents).map(({ state }) => state)).toEqual(['approved'])
  expect(due(p.state!)).toHaveLength(1)
})
it('takes no place of real runs', () => {
  const spec = specOf(compiledOf('[git.open_change]'))
  expect([slotOf(spec) === null, slotOf({ ...spec, ...rehearsal })]).toEqual([false, null])
})
it('a packet in which a rehearsal did something is faulty', () => {
  const p = played('[git.open_change]', rehearsal)
  const at = p.facts.findIndex(({ type }) => type === 'intent.rehearsed')
  const { intent } = p.facts[at]!.data as { intent: string }
  const forged = p.facts.with(at, {
    ...p.facts[at]!,
    type: 'effect.started',
    data: { intent, attempt: 1, epoch: null },
  } as never)
  expect(checkStory(forged.map((fact) => ({ fact, text: '', hash: '' }))).faults.map(({ code }) => code)).toContain(
    'not_approved',
  )
})

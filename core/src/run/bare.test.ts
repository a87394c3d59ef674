/** A token decides nothing where an agent without a wall could have read it; a person's own sign-in does. */
import { expect, it } from 'vitest'
import type { Command } from './command.ts'
import { checks, edited, planned, Play } from './testing/play.ts'

const atGate = (agent: string, level: 'none' | 'user' | 'sandbox') => {
  const p = new Play().start().begin('plan').report('plan', planned)
  p.state!.spec.pins.agents['plan'] = agent
  const step = p.state!.steps['plan']!
  step.isolation = { ...step.isolation!, level }
  return p
}
/** The same command by somebody who is known by a token. */
const by = (command: Command, token: 'token' | 'exposed' | undefined): Command =>
  command.do === 'decide' || command.do === 'merge'
    ? { ...command, person: { ...command.person, ...(token && { token }) } }
    : command
const refusal = (p: Play, token?: 'token' | 'exposed') => p.try(by(p.vote('jess', 'approve'), token))

it.each([
  ['claude', 'none', 'token', 'browser_needed'],
  ['claude', 'none', undefined, undefined],
  ['claude', 'user', 'token', undefined],
  ['claude', 'sandbox', 'token', undefined],
  ['claude', 'sandbox', 'exposed', 'browser_needed'],
  ['sample', 'none', 'token', undefined],
  ['sample', 'none', 'exposed', 'browser_needed'],
] as const)('%s behind %s, known by %s: %s', (agent, level, token, code) => {
  expect(refusal(atGate(agent, level), token).refusal?.refusal).toBe(code)
})

it('is a fact of the run, and holds for later steps behind a wall too: the agent had its time to read', () => {
  const p = atGate('claude', 'none')
  const { refusal: said, facts } = refusal(p, 'token')
  expect(said!.words).toContain('decides nothing')
  expect(facts).toMatchObject([{ type: 'decision.refused', data: { code: 'browser_needed' } }])
  p.do(p.vote('jess', 'approve')).begin('implement').report('implement', edited('one')).begin('verify')
  p.report('verify', checks(true))
  const vote = p.vote('dana', 'approve')
  expect(p.try(by(vote, 'token')).refusal?.refusal).toBe('browser_needed')
  p.do(vote).effect('git.push')
  const merge = p.merge()
  expect(p.try(by(merge, 'token')).refusal?.refusal).toBe('browser_needed')
  expect(p.try(merge).refusal).toBeNull()
})

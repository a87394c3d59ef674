import { describe, expect, it } from 'vitest'
import { answersText, commandAsk, decideWith, questionAsk } from './asks.ts'
import type { AgentTask, Decision } from './driver.ts'
import { placeOf } from './place.ts'

const word = (decision: Decision['decision']) => () => ({ decision, why: 'a rule' })
const task = { cwd: '/', env: { PATH: '/bin' } }
const here = placeOf(task, '.')
const decideAs = (decide: AgentTask['decide'], answers: AgentTask['answers']) =>
  decideWith({ ...task, decide, answers })
const answered = (command: string | readonly string[], allow: boolean, text: string | null = null) => [
  { ask: commandAsk(command, here, '').ask, allow, text },
]

describe('a command that a person answered', () => {
  it.each<[string | string[]]>([['npm publish'], [['npm', 'publish']]])('is allowed once, exactly: %j', (command) => {
    const decide = decideAs(word('ask'), answered(command, true))
    for (const other of ['npm  publish', 'npm publish ', 'npm', ['npm', 'publish', '']])
      expect(decide(other).decision).toBe('ask')
    // an argv and a text of the same words are two things: a shell reads the one
    expect(decide(typeof command === 'string' ? command.split(' ') : command.join(' ')).decision).toBe('ask')
    expect(decide(command)).toEqual({ decision: 'allow', why: 'a person allowed it, once' })
    expect(decide(command).decision).toBe('ask')
  })

  it('is denied when it was refused, with the words of the person, as often as it is tried', () => {
    const decide = decideAs(word('ask'), answered('rm x', false, 'keep it'))
    expect([decide('rm x'), decide('rm x')]).toEqual(
      Array(2).fill({ decision: 'deny', why: 'a person refused it: keep it' }),
    )
  })

  it('is what the policy says wherever the policy does not ask', () => {
    expect(decideAs(word('deny'), answered('x', true))('x').decision).toBe('deny')
    expect(decideAs(word('allow'), answered('x', false))('x').decision).toBe('allow')
  })

  it('is not another ask whose name a server or an agent makes up', () => {
    const answers: AgentTask['answers'] = ['x', '*', 'command-', questionAsk('x', []).ask].map((ask) => ({
      ask,
      allow: true,
      text: null,
    }))
    expect(decideAs(word('ask'), answers)('x').decision).toBe('ask')
  })
})

describe('what a session is told', () => {
  const ask = commandAsk('npm publish', here, 'why').ask
  it('says what was allowed, with the command where the session still knows it', () => {
    const answers = [{ ask, allow: true, text: 'only today' }]
    expect(answersText(answers, { ask, text: 'npm publish' })).toBe(
      'You were waiting for a person to allow this command:\n\nnpm publish\n\nIt is allowed, once, exactly as it stands. They wrote: only today Run it now, then go on with your work.',
    )
    expect(answersText(answers, { ask: 'another', text: 'rm -rf /' })).not.toContain('rm -rf')
  })
  it('says what was refused, and nothing when nothing was answered', () => {
    expect(answersText([{ ask, allow: false, text: null }], null)).toContain(
      'It was refused. Do not try it in another way',
    )
    expect(answersText([], null)).toBe('')
  })
  it('brings the answer to a question, or that there is none', () => {
    const question = questionAsk('Up or down?', ['up', 'down'])
    const asked = { ask: question.ask, text: 'Up or down?' }
    expect(answersText([{ ask: question.ask, allow: true, text: 'up' }], asked)).toBe(
      'You asked a person:\n\nUp or down?\n\nThe answer is: up',
    )
    expect(answersText([{ ask: question.ask, allow: false, text: null }], asked)).toContain('They gave no answer.')
  })
})

it('an ask fits what the wire takes', () => {
  const long = commandAsk('x'.repeat(10), here, 'r'.repeat(9_000))
  expect([long.reason.length, long.argv]).toEqual([2_000, ['bash', '-c', 'x'.repeat(10)]])
  expect(questionAsk('q', Array(30).fill('c'.repeat(300)) as string[]).choices).toEqual(Array(20).fill('c'.repeat(200)))
})

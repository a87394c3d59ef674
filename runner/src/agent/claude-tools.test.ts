import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { detectHolding } from '../process/isolation.ts'
import { heldWall } from '../walls/held.ts'
import { toolEvent, verdict, type Ground, type Verdict } from './claude-tools.ts'
import type { Mode } from './driver.ts'

let root = ''
let ground: Ground
beforeAll(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'vpd-claude-tools-')))
  const [cwd, plans, tmp] = ['step/tree/shop', 'step/state/claude/plans', 'step/tmp'].map((one) => path.join(root, one))
  for (const folder of [cwd, plans, tmp]) await mkdir(folder ?? '', { recursive: true })
  await writeFile(path.join(root, 'secret'), 'x')
  await symlink(root, path.join(cwd ?? '', 'up'))
  ground = {
    mode: 'edit',
    cwd: cwd ?? '',
    folder: path.join(root, 'step'),
    env: { TMPDIR: tmp ?? '' },
    settings: null,
    wall: heldWall(await detectHolding()),
    plans: plans ?? '',
    decide: (command) => ({ decision: command === 'ls' ? 'allow' : command === 'rm' ? 'deny' : 'ask', why: 'a rule' }),
  }
})
afterAll(() => rm(root, { recursive: true, force: true }))

const say = (tool: string, input: Record<string, unknown>, mode: Mode = 'edit', cwd = ground.cwd): Verdict =>
  verdict({ tool, input, cwd }, { ...ground, mode })

describe('a call of a tool', () => {
  it('that is a command is put to the policy, as the text that a shell reads', () => {
    expect(say('Bash', { command: 'ls' }).say).toBe('allow')
    expect(say('Bash', { command: 'rm' })).toEqual({ say: 'deny', why: 'a rule' })
    const asked = say('Bash', { command: 'a && b', description: 'Build' }, 'edit', path.join(ground.cwd, 'src'))
    expect(asked).toMatchObject({ say: 'ask', ask: { argv: ['bash', '-c', 'a && b'], cwd: 'src', reason: 'Build' } })
    const folders: unknown[] = []
    const decide: Ground['decide'] = (_, cwd) => (folders.push(cwd), { decision: 'allow', why: '' })
    verdict({ tool: 'Bash', input: { command: 'x' }, cwd: '/there' }, { ...ground, decide })
    expect(folders).toEqual(['/there'])
    expect(say('Bash', {}).say).toBe('deny')
    expect(say('Bash', { command: ['ls'] }).say).toBe('deny')
  })

  it.each<[string, Record<string, unknown>, 'allow' | 'deny']>([
    ['Read', { file_path: 'src/a.js' }, 'allow'],
    ['Read', { file_path: '/etc/passwd' }, 'deny'],
    ['Read', { file_path: '../../../secret' }, 'deny'],
    ['Read', { file_path: 'up/secret' }, 'deny'],
    ['Read', { file_path: 'up/step/tree/shop/a.js' }, 'allow'],
    ['Glob', { pattern: '**/*.ts' }, 'allow'],
    ['Glob', { pattern: '/etc/*' }, 'deny'],
    ['Glob', { pattern: '*/../../../../../etc/*' }, 'deny'],
    ['Glob', { pattern: '*', path: 'up' }, 'deny'],
    ['Grep', { pattern: 'x' }, 'allow'],
    ['Grep', { pattern: 'x', path: '/root' }, 'deny'],
    ['Edit', { file_path: 'src/a.js' }, 'allow'],
    ['Edit', {}, 'deny'],
    ['Write', { file_path: '/etc/cron.d/x' }, 'deny'],
    ['Write', { file_path: 'up/x' }, 'deny'],
    ['Write', { file_path: '.git/hooks/pre-push' }, 'deny'],
    ['NotebookEdit', { notebook_path: '../other/x.ipynb' }, 'deny'],
    ['Agent', { prompt: 'x' }, 'allow'],
    ['ExitPlanMode', { plan: 'x' }, 'deny'],
    ['CronCreate', {}, 'deny'],
    ['mcp__evil__run', { command: 'ls' }, 'deny'],
    ['constructor', {}, 'deny'],
  ])('%s %j: %s', (tool, input, expected) => expect(say(tool, input).say).toBe(expected))

  it.each<Mode>(['plan', 'read', 'review'])(
    'changes nothing in the mode %s, but the plan that is being written',
    (mode) => {
      for (const tool of ['Edit', 'Write', 'MultiEdit'])
        expect(say(tool, { file_path: 'src/a.js' }, mode).say).toBe('deny')
      expect(say('NotebookEdit', { notebook_path: 'a.ipynb' }, mode).say).toBe('deny')
      expect(say('Write', { file_path: path.join(ground.plans, 'p.md') }, mode).say).toBe(
        mode === 'plan' ? 'allow' : 'deny',
      )
    },
  )

  it('that hands in the plan ends a plan step, unless it is empty', () => {
    expect(say('ExitPlanMode', { plan: '# P\n' }, 'plan')).toEqual({ say: 'plan', plan: '# P' })
    expect(say('ExitPlanMode', { plan: ' ' }, 'plan').say).toBe('deny')
    expect(say('ExitPlanMode', { plan: 'x' }, 'read').say).toBe('deny')
  })

  it('that reaches out is put to the policy, and denied where there is no network', () => {
    expect(say('WebFetch', { url: 'https://a.example/' })).toMatchObject({
      say: 'ask',
      ask: { argv: ['WebFetch', 'https://a.example/'] },
    })
    const cut = { ...ground.wall, isolation: { ...ground.wall.isolation, network: 'none' as const } }
    const call = { tool: 'WebSearch', input: { query: 'x' }, cwd: ground.cwd }
    expect(verdict(call, { ...ground, wall: cut, decide: () => ({ decision: 'allow', why: '' }) }).say).toBe('deny')
  })

  it('that is a question is put to a person; several questions are one', () => {
    const one = (question: string) => ({ question, options: [{ label: 'a' }, { label: 'b' }] })
    expect(say('AskUserQuestion', { questions: [one('Q?')] })).toMatchObject({
      say: 'ask',
      ask: { argv: null, reason: 'Q?', choices: ['a', 'b'] },
    })
    expect(say('AskUserQuestion', { questions: [one('Q?'), one('R?')] })).toMatchObject({
      ask: { reason: 'Q? (a / b)\nR? (a / b)', choices: [] },
    })
    for (const questions of [undefined, [], [null], [{ question: 3 }]])
      expect(say('AskUserQuestion', { questions }).say).toBe('deny')
  })
})

it('a call as an event says what it touches, in bounds', () => {
  expect(toolEvent('Bash', { command: 'npm test' })).toEqual({ event: 'tool', kind: 'execute', title: 'Bash npm test' })
  expect(toolEvent('Read', { file_path: 'a' })).toMatchObject({ kind: 'read', title: 'Read a' })
  expect(toolEvent('New', { x: 1 })).toEqual({ event: 'tool', kind: 'other', title: 'New' })
  const long = toolEvent('Bash', { command: 'x'.repeat(9_000) })
  expect(long.event === 'tool' && long.title.length).toBeLessThan(2_100)
})

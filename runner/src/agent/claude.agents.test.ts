/** The real Claude Code: the contract of all drivers, and what is its own. */
import { existsSync } from 'node:fs'
import { lstat, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { claudeDriver } from './claude-driver.ts'
import { plainGit } from '../git/remote.fixture.ts'
import { openBench, type Bench } from './testing/bench.ts'
import { driverContract } from './testing/contract.ts'
import { modelPlays } from './testing/plays.ts'
import { realAgent, realVersion } from './testing/real-agents.ts'
import type { Conversation, Turn } from './testing/scripted-model.ts'

const claude = realAgent('claude')
const questioning = (question: string, choices: readonly string[]): Turn[] => {
  const options = choices.map((label) => ({ label, description: label }))
  const questions = [{ question, header: 'Way', multiSelect: false, options }]
  return [{ do: [{ tool: 'AskUserQuestion', input: { questions } }] }, { text: 'No answer.' }]
}

describe.skipIf(claude.file === null)(`Claude Code ${claude.why ?? realVersion('claude')}`, () => {
  driverContract({
    name: 'claude',
    programs: { claude: claude.file ?? '' },
    found: { version: realVersion('claude'), tested: true },
    plays: modelPlays({
      planned: (plan) => [
        { text: 'Looking.', do: [{ read: 'src/price.js' }] },
        { text: 'Here it is.', do: [{ proposePlan: plan }] },
        { text: 'This must not be said.' },
      ],
      question: { mode: 'edit', turns: questioning, answered: (text) => [{ text }] },
      record: true,
    }),
    can: {
      ask: true,
      reasons: true,
      model: { name: 'claude-haiku-4-5', always: false },
      keep: 'session',
      usage: (turns) => ({
        inputTokens: 1_000 * turns,
        cachedTokens: 200 * turns,
        outputTokens: 50 * turns,
        source: 'agent',
      }),
      sayWhy: true,
    },
  })

  describe('what is its own', { timeout: 180_000 }, () => {
    let bench: Bench
    const open = async (...conversations: Conversation[]): Promise<Bench> =>
      (bench = await openBench({ programs: { claude: claude.file ?? '' }, conversations }))
    afterEach(async () => {
      const alive = await bench.alive()
      await bench.close()
      expect(alive).toEqual([])
    })

    it('reads no file that the prompt mentions, and none outside the folder of the step', async () => {
      const [secret, inside] = ['PLANTED-SECRET', 'INSIDE-IS-FINE']
      await open({
        match: 'look at',
        turns: [
          { do: [{ read: '../../../outside.txt' }, { read: 'up/outside.txt' }, { read: 'inside.txt' }] },
          { do: [{ tool: 'Grep', input: { pattern: 'PLANTED', path: 'up', output_mode: 'content' } }] },
          { do: [{ tool: 'Glob', input: { pattern: '../../../out*' } }] },
          { text: 'Looked.' },
        ],
      })
      await writeFile(path.join(bench.root, 'outside.txt'), secret)
      await writeFile(path.join(bench.cwd, 'inside.txt'), inside)
      await symlink(bench.root, path.join(bench.cwd, 'up'))
      const prompt = `look at @${bench.root}/outside.txt and @../../../outside.txt and @"${bench.root}/outside.txt"`
      expect(await run(bench, { prompt })).toMatchObject({ end: 'finished', text: 'Looked.' })
      const told = await bench.told()
      expect(told).toContain(inside)
      expect(told).not.toContain(secret)
      expect(told).toContain('Files outside the folder of this step are not read')
    })

    it('writes only in its working directory, links followed', async () => {
      await open({
        match: 'write',
        turns: [
          {
            do: [
              { write: '../../../outside.txt', content: 'x' },
              { write: 'up/outside.txt', content: 'x' },
            ],
          },
          {
            do: [
              { write: 'nowhere', content: 'x' },
              { write: '.git/hooks/pre-push', content: 'x' },
            ],
          },
          { do: [{ write: 'src/new.js', content: 'fine' }] },
          { text: 'Written.' },
        ],
      })
      await symlink(bench.root, path.join(bench.cwd, 'up'))
      await symlink(path.join(bench.root, 'outside.txt'), path.join(bench.cwd, 'nowhere'))
      expect(await run(bench, { prompt: 'write' })).toMatchObject({ end: 'finished', text: 'Written.' })
      expect(existsSync(path.join(bench.cwd, 'src/new.js'))).toBe(true)
      expect(existsSync(path.join(bench.root, 'outside.txt'))).toBe(false)
      expect(existsSync(path.join(bench.cwd, '.git/hooks/pre-push'))).toBe(false)
    })

    it('takes no notes, rules, helpers or skills from its clone', async () => {
      await open({ match: 'hello', turns: [{ do: [{ read: 'src/price.js' }] }, { text: 'Hello.' }] })
      const planted = (
        'AGENTS.md CLAUDE.md CLAUDE.local.md src/AGENTS.md src/CLAUDE.md .claude/CLAUDE.md .claude/rules/all.md ' +
        '.claude/agents/helper.md .claude/skills/deploy/SKILL.md .claude/commands/ship.md .claude/output-styles/loud.md'
      ).split(' ')
      for (const [at, file] of planted.entries()) {
        await mkdir(path.dirname(path.join(bench.cwd, file)), { recursive: true })
        await writeFile(
          path.join(bench.cwd, file),
          `---\nname: planted-${at}\ndescription: PLANTED-${at}\n---\n\nPLANTED-${at}\n`,
        )
      }
      expect(await run(bench, { prompt: 'hello' })).toMatchObject({ text: 'Hello.' })
      const told = await bench.told()
      expect(told).toContain('export function orderTotal')
      expect(planted.filter((_, at) => new RegExp(`planted-${at}\\b`, 'i').test(told))).toEqual([])
    })

    it('is asked about every command, also one that Claude Code itself takes for harmless', async () => {
      await open({ match: 'look', turns: [{ do: [{ sh: 'ls src' }] }, { text: 'Seen nothing.' }] })
      const asked: unknown[] = []
      const decide = (command: readonly string[] | string) => {
        asked.push(command)
        return { decision: 'deny' as const, why: 'nobody looks' }
      }
      expect(await run(bench, { prompt: 'look', decide })).toMatchObject({ text: 'Seen nothing.' })
      expect(asked).toEqual(['ls src'])
      expect(await bench.told()).not.toContain('price.js')
    })

    it('says in which folder a command would run, after it went there too: a word for one folder is none for another (E100)', async () => {
      const text = 'echo ran >> ran.txt'
      await open(
        { match: 'allowed', turns: [{ do: [{ sh: 'cd sub' }] }, { do: [{ sh: text }] }, { text: 'Done.' }] },
        { match: 'go', turns: [{ do: [{ sh: text }] }, { text: 'Done.' }] },
      )
      plainGit(bench.root, 'init', '-q', path.join(bench.cwd, 'sub'))
      const decide = (command: readonly string[] | string) => ({
        decision: command === text ? ('ask' as const) : ('allow' as const),
        why: 'a test',
      })
      const end = await run(bench, { prompt: 'go', decide })
      expect(end).toMatchObject({ end: 'parked', ask: { cwd: '.', where: { repository: '.' } } })
      const answers = [{ ask: end.end === 'parked' ? end.ask.ask : '', allow: true, text: null }]
      const again = await run(bench, { prompt: 'go', decide, resumed: true, answers })
      expect(again).toMatchObject({ end: 'parked', ask: { cwd: 'sub', where: { repository: 'sub' } } })
      expect(existsSync(path.join(bench.cwd, 'sub/ran.txt'))).toBe(false)
    })

    it('asks about what its sub-agents do, and parks for them too', async () => {
      const agent = {
        description: 'x',
        prompt: 'subtask: go',
        subagent_type: 'general-purpose',
        run_in_background: false,
      }
      await open(
        { match: '^subtask', turns: [{ do: [{ sh: 'echo ran > ran.txt' }] }, { text: 'Subtask over.' }] },
        { match: 'delegate', turns: [{ do: [{ tool: 'Agent', input: agent }] }, { text: 'Delegated.' }] },
      )
      const decide = (decision: 'deny' | 'ask') => () => ({ decision, why: 'not by a helper' })
      expect(await run(bench, { prompt: 'delegate', decide: decide('deny') })).toMatchObject({ text: 'Delegated.' })
      expect(await bench.told()).toContain('not by a helper')
      const end = await run(bench, { prompt: 'delegate', decide: decide('ask') })
      expect(end).toMatchObject({ end: 'parked', ask: { argv: ['bash', '-c', 'echo ran > ran.txt'] } })
      expect(existsSync(path.join(bench.cwd, 'ran.txt'))).toBe(false)
    })

    it('goes to the network only where the policy says so', async () => {
      const fetch = { tool: 'WebFetch', input: { url: 'http://127.0.0.1:9/', prompt: 'x' } }
      await open({ match: 'fetch', turns: [{ do: [fetch] }, { text: 'Fetched nothing.' }] })
      const asked: unknown[] = []
      const decide = (command: readonly string[] | string) => {
        asked.push(command)
        return { decision: 'deny' as const, why: 'no hosts here' }
      }
      expect(await run(bench, { prompt: 'fetch', decide })).toMatchObject({ text: 'Fetched nothing.' })
      expect(asked).toEqual([['WebFetch', 'http://127.0.0.1:9/']])
    })

    it('keeps its session and nothing else, and follows no link that the agent left in its place', async () => {
      await open({ match: 'hello', turns: [{ text: 'Hello.' }] })
      await run(bench, { prompt: 'hello' })
      expect((await readdir(bench.state)).toSorted()).toEqual(['claude', 'claude-session.json'])
      expect(await readdir(path.join(bench.state, 'claude'))).toEqual(['projects'])
      const owners = path.join(bench.root, 'owners')
      await mkdir(path.join(owners, 'precious'), { recursive: true })
      await rm(path.join(bench.state, 'claude'), { recursive: true })
      await symlink(owners, path.join(bench.state, 'claude'))
      expect(await run(bench, { prompt: 'hello', resumed: true })).toMatchObject({ text: 'Hello.' })
      expect(await readdir(owners)).toEqual(['precious'])
      expect((await lstat(path.join(bench.state, 'claude'))).isDirectory()).toBe(true)
    })

    it('says that there is no key', async () => {
      await open()
      await expect(run(bench, { model: { way: 'none', why: 'no key is set' } })).rejects.toThrow(
        /^no_model: .*no key is set/,
      )
    })
  })
})

const run = (bench: Bench, also: Parameters<Bench['task']>[0]) => claudeDriver.run(bench.task(also))

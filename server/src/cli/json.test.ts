// Does every command say exactly one JSON value with --json when it ends badly? The real program, without a control plane.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCli } from './cli.ts'
import { makeProgram } from './program.ts'
import { openTerminal } from './terminal.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'viewport-json-'))
const bad = path.join(folder, 'bad.yaml')
writeFileSync(bad, 'name: x\ntriger: manual\n')

const leaves = (command: Command, before: readonly string[] = []): string[] =>
  command.commands.flatMap((one) => {
    const words = [...before, one.name()]
    return one.commands.length > 0 ? leaves(one, words) : [words.join(' ')]
  })
const program = makeProgram(
  (made) => openCli(made, openTerminal(true, {}), {}),
  () => {},
)

/** A bad end of every command: what follows its name, and the kind of error. Commands that ask a control plane find none. */
const cases: readonly (readonly [command: string, more: string[], kind: 'usage' | 'refused' | 'unreachable'])[] = [
  ['up', ['--port', 'http'], 'usage'],
  ['up', ['--yes'], 'refused'],
  ['try', ['.', 'a task'], 'usage'],
  ['backup', [bad], 'refused'],
  ['restore', ['nothing.backup'], 'usage'],
  ['settings', ['more'], 'usage'],
  ['keys list', [], 'unreachable'],
  ['keys rotate', [], 'refused'],
  ['compile', [bad], 'usage'],
  ['compile', ['nothing.yaml'], 'usage'],
  ['match', [bad], 'usage'],
  ['backtest', ['nothing.yaml'], 'usage'],
  ['backtest', ['nothing.yaml', '--limit', '0'], 'usage'],
  ['match', ['EVENT', '--workflow', bad], 'usage'],
  ['templates', ['nothing'], 'usage'],
  ['workflows list', [], 'unreachable'],
  ['workflows show', ['x'], 'unreachable'],
  ['workflows save', [bad], 'usage'],
  ['workflows enable', ['x'], 'unreachable'],
  ['workflows disable', [], 'usage'],
  ['run', ['x', '--input', 'count'], 'usage'],
  ['run', ['x', '--follow'], 'unreachable'],
  ['runs', ['--limit', '0'], 'unreachable'],
  ['runs', ['12', '--follow'], 'unreachable'],
  ['inbox', [], 'unreachable'],
  ['decide', ['12', 'maybe'], 'usage'],
  ['decide', ['12', 'approve'], 'unreachable'],
  ['packet', ['twelve'], 'unreachable'],
  ['samples', [], 'unreachable'],
  ['rehearse', ['x'], 'usage'],
  ['rehearse', ['x', '--sample', 'manual.requested'], 'unreachable'],
  ['deliveries', ['--all'], 'usage'],
  ['deliveries', ['--since', 'monday'], 'usage'],
  ['deliveries', ['--outcome', 'nearly'], 'unreachable'],
  ['deliveries', ['--match', 'bug-to-pr'], 'usage'],
  ['deliveries', ['dlv_1', '--text'], 'usage'],
  ['deliveries', ['dlv_1', '--never', 'bug-to-pr'], 'unreachable'],
  ['backtest', [bad, '--limit', '1000000'], 'usage'],
  ['deliveries', ['--again'], 'usage'],
  ['deliveries', ['dlv_1', '--again'], 'unreachable'],
  ['effects list', [], 'unreachable'],
  ['effects answer', ['int_x-1', 'perhaps'], 'usage'],
  ['effects answer', ['int_x-1', 'again'], 'unreachable'],
  ['people list', [], 'unreachable'],
  ['people add', ['kim'], 'usage'],
  ['people change', ['@kim', '--active', '--inactive'], 'usage'],
  ['people link', ['@kim'], 'usage'],
  ['people link', ['@kim', 'tracker:42'], 'unreachable'],
  ['people unlink', ['@kim'], 'usage'],
  ['people unlink', ['@kim', 'tracker:42'], 'unreachable'],
  ['people accounts', [], 'unreachable'],
  ['teams list', [], 'unreachable'],
  ['teams add', ['core', '--name', 'Core'], 'unreachable'],
  ['sign-in-link', ['@kim'], 'unreachable'],
  ['token make', ['ci', '--days', 'many'], 'usage'],
  ['token list', [], 'unreachable'],
  ['token revoke', ['ci'], 'unreachable'],
  ['repositories list', ['--server', 'nowhere'], 'usage'],
  ['relay', ['--listen', 'nowhere', '--to', 'http://127.0.0.1:1'], 'usage'],
  ['connect', ['webhook'], 'unreachable'],
  ['connect', ['github', '--app'], 'unreachable'],
  ['connections list', [], 'unreachable'],
  ['connections change', ['con_x'], 'usage'],
  ['connections change', ['con_x', '--set', 'a=b', '--old-for', '200'], 'usage'],
  ['connections rotate', ['con_x'], 'unreachable'],
  ['connections rotate', ['con_x', '--old-for', '-1'], 'usage'],
  ['connections end-old', ['con_x'], 'unreachable'],
  ['connections check', ['con_x'], 'unreachable'],
  ['connections remove', [], 'usage'],
  ['repositories add', ['acme/api'], 'usage'],
  ['repositories change', ['acme/api'], 'usage'],
  ['repositories remove', [], 'usage'],
  ['repositories change', ['acme/api', '--branch', 'trunk'], 'unreachable'],
  ['repositories change', ['acme/api', '--agent-settings', 'head'], 'usage'],
  ['sources list', [], 'unreachable'],
  ['sources add', ['Tracker'], 'unreachable'],
  ['sources change', ['src_1', '--account', 'tracker:'], 'unreachable'],
  ['sources change', ['src_1'], 'usage'],
  ['sources rotate', ['src_1', '--old-for', '2'], 'unreachable'],
  ['sources rotate', ['src_1', '--old-for', 'long'], 'usage'],
  ['sources end-old', ['src_1'], 'unreachable'],
  ['sources remove', ['src_1'], 'unreachable'],
  ['runners list', [], 'unreachable'],
  ['runners approve', ['A4'], 'usage'],
  ['runners drain', ['it'], 'unreachable'],
  ['runners change', ['it', '--pool', 'x'], 'unreachable'],
  ['runners undrain', ['it'], 'unreachable'],
  ['runners remove', [], 'usage'],
  ['workspace show', [], 'unreachable'],
  ['workspace change', ['--bodies', 'moon'], 'usage'],
  ['openapi', ['more'], 'usage'],
  ['schema', ['--al'], 'usage'],
  ['version', ['--al'], 'usage'],
]
const event = path.join(folder, 'event.json')
writeFileSync(event, '{"tool":"manual","event":"requested"}')
const wordsOf = (command: string, more: string[]): string[] => [
  ...command.split(' '),
  ...more.map((word) => (word === 'EVENT' ? event : word)),
]

type Ended = { code: number; out: string }
const asked = [
  ...cases.map(([command, more]) => [...wordsOf(command, more), '--json']),
  ...leaves(program).map((command) => [...command.split(' '), '--no-such-option', '--json']),
  ['--json'],
  ['inbx', '--json'],
  ['inbox', '--help', '--json'],
  ['--version', '--json'],
  ['version', '--json'],
  ['settings', '--json'],
  ['openapi', '--json'],
]
const answers = new Map<string, Ended>()

// One process for all of them: what each wrote to stdout, and its code after a NUL.
beforeAll(async () => {
  const script = `
    import { runProgram } from ${JSON.stringify(new URL('./program.ts', import.meta.url).href)}
    for (const words of ${JSON.stringify(asked)}) {
      process.exitCode = undefined
      process.stdout.write('\\0' + await runProgram(words, {}) + '\\0')
    }
    process.exitCode = 0`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
    // Whoever runs the tests may have started Viewport in this clone: its data is not theirs to change.
    env: { PATH: path.dirname(process.execPath), HOME: folder, VIEWPORT_DATA_DIR: path.join(folder, 'data') },
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const code = await new Promise((resolve) => child.once('close', resolve))
  const parts = out.split('\0')
  expect({ code, answers: (parts.length - 1) / 2, err: code === 0 ? '' : err }).toEqual({
    code: 0,
    answers: asked.length,
    err: '',
  })
  asked.forEach((words, i) => answers.set(words.join(' '), { out: parts[2 * i] ?? '', code: Number(parts[2 * i + 1]) }))
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const codes = { usage: 2, refused: 1, unreachable: 3 }
const answer = (...words: string[]): { code: number; value: unknown } => {
  const { code, out } = answers.get(words.join(' ')) ?? { code: -1, out: '' }
  return { code, value: JSON.parse(out) }
}

test('every command has a bad end here', () => {
  const named = new Set(cases.map(([command]) => command))
  expect(leaves(program).filter((command) => !named.has(command))).toEqual([])
})

test.each(cases)('%s %j ends badly: %s', (command, more, kind) => {
  expect(answer(...wordsOf(command, more), '--json')).toMatchObject({
    code: codes[kind],
    value: { error: { kind, message: expect.stringMatching(/^[^\n]/) } },
  })
})

test.each(leaves(program))('%s with an option that does not exist', (command) => {
  expect(answer(...command.split(' '), '--no-such-option', '--json')).toMatchObject({
    code: 2,
    value: {
      error: { kind: 'usage', message: expect.stringMatching(/^(unknown option '--no-such-option'|required option )/) },
    },
  })
})

test('a file that does not compile gives its errors beside the error', () => {
  expect(answer('compile', bad, '--json').value).toMatchObject({
    ok: false,
    errors: [{ line: 1 }, { line: 2, found: 'triger' }],
    error: { kind: 'usage', message: expect.stringContaining('is not valid') },
  })
})

test('also without a command, help and the version are one value', () => {
  expect(answer('--json')).toMatchObject({ code: 2, value: { error: { message: 'A command is missing.' } } })
  expect(answer('inbx', '--json')).toMatchObject({
    code: 2,
    value: { error: { kind: 'usage', message: expect.stringContaining('Did you mean inbox') } },
  })
  expect(answer('inbox', '--help', '--json')).toMatchObject({
    code: 0,
    value: { help: expect.stringMatching(/^Usage: viewport inbox/) },
  })
  const { version } = answer('version', '--json').value as { version: string }
  expect(answer('--version', '--json')).toEqual({ code: 0, value: { version } })
  expect(answer('settings', '--json')).toMatchObject({ code: 0, value: { settings: expect.any(Array) } })
  expect(answer('openapi', '--json')).toMatchObject({ code: 0, value: { openapi: expect.stringMatching(/^3\.1/) } })
})

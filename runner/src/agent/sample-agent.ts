#!/usr/bin/env node
/**
 * The sample agent: a program of its own that behaves like a coding agent, without any model.
 * It reads a bug report and the failing test, plans, edits, runs the tests, commits and pushes, and revises when a reviewer asks. It speaks JSON lines
 * on standard input and output, and can be told by its script to fail in every way an agent may fail.
 */
import { execFile } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import {
  anotherTest,
  findBug,
  fixBug,
  fixWrongly,
  importedFile,
  readTests,
  type Bug,
  type TestsSeen,
} from './sample-fix.ts'
import type { FromSample, ToSample } from './sample-messages.ts'
import { planText, summaryText, wantsTest, type Note } from './sample-words.ts'

type Start = Extract<ToSample, { type: 'start' }>
/** What a session remembers. `answered`: by what was asked; `words` are those of the person or of the rule. */
type Session = { notes: Note[]; answered: Record<string, { allow: boolean; words: string }> }

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const heard = async (): Promise<ToSample> => {
  const next = await lines.next()
  if (next.done) process.exit(0) // vpd is gone, or this session is parked
  return JSON.parse(next.value) as ToSample
}
const say = (message: FromSample): void => void process.stdout.write(`${JSON.stringify(message)}\n`)

const first = await heard()
if (first.type !== 'start') throw new Error('the first line is not start')
const start: Start = first
const has = (name: string): boolean => start.script.some((one) => one.name === name)
const valueOf = (name: string): number => Number(start.script.find((one) => one.name === name)?.value ?? 0)
const session = restore()

await pause()
await misbehave()
const text = start.mode === 'plan' ? await plan() : start.mode === 'edit' ? await edit() : await review()
remember()
if (has('usage'))
  say({
    type: 'usage',
    inputTokens: valueOf('usage'),
    outputTokens: Math.round(valueOf('usage') / 10),
    usdMicros: valueOf('usage'),
  })
say({ type: 'finish', text })
process.exit(0)

/** Reads the report and the failing test, and writes a plan. Changes nothing. */
async function plan(): Promise<string> {
  const { bug, file, testFile, tests } = await look()
  if (has('question')) await question('How shall half a cent be rounded?', ['up', 'to even'])
  const written = planText(bug, file, testFile, tests, start.context, session.notes)
  await pause()
  say({ type: 'plan', text: written })
  return written
}

/** Carries the plan out, or revises what it did. */
async function edit(): Promise<string> {
  if (has('no-change')) return 'There is nothing to change.'
  const did: string[] = []
  const target = await findTarget()
  const code = readFileSync(target.file, 'utf8')
  const bug = findBug(code)
  const checksFailed = start.feedback.some((one) => one.kind === 'checks')
  if (has('lie')) {
    write(target.file, code.replace(' * What', ' * Rounded correctly. What'))
    return '- Fixed. All 3 tests pass.'
  }
  if (bug) {
    const wrong = has('wrong-fix') && !checksFailed
    write(target.file, wrong ? fixWrongly(code) : fixBug(code, bug))
    did.push(`\`${target.file}\`: the sum stays exact and is rounded once.`)
  } else if (checksFailed && code.includes('Math.floor(')) {
    const repaired = code.replace('Math.floor(', 'Math.round(')
    write(target.file, fixBug(repaired, findBug(repaired) ?? stuck('the code that I changed before')))
    did.push(`\`${target.file}\`: mended after the checks failed.`)
  }
  const testCode = readFileSync(target.testFile, 'utf8')
  const asked = testCode.match(/asked for in review/g)?.length ?? 0
  const isPlanned = asked === 0 && (start.plan?.includes('add a test') ?? false)
  const isAsked = start.feedback.some(
    (one) => one.kind !== 'checks' && wantsTest([{ from: one.from, text: wordsOf(one) }]),
  )
  if (isPlanned || isAsked) {
    append(target.testFile, anotherTest(bug?.name ?? /function (\w+)/.exec(code)?.[1] ?? 'orderTotal', asked))
    did.push(`\`${target.testFile}\`: a test more.`)
  }
  for (const note of start.feedback.filter(
    (one) => one.kind !== 'checks' && !wantsTest([{ from: one.from, text: wordsOf(one) }]),
  )) {
    if (!existsSync('CHANGELOG.md')) write('CHANGELOG.md', '# Changelog\n\n')
    append('CHANGELOG.md', `- Round ${start.round}: ${wordsOf(note).replace(/\s+/g, ' ').slice(0, 200)}\n`)
    did.push('`CHANGELOG.md`: what the reviewer asked for.')
  }
  if (has('wrong-file')) append('README.md', '\nChanged although the plan does not say so.\n')
  if (has('leak')) write('src/settings.js', `export const key = '${'AKIA'}${'IOSFODNN7EXAMPLE'}'\n`)
  if (has('ask')) await permission(['git', 'log', '--oneline', '-5'], 'I want to see what was done here before.')
  const tests = await runTests()
  await commit()
  if (!has('no-push')) await push()
  return summaryText(did, tests, start.context)
}

/** Looks at a change and says what it thinks. */
async function review(): Promise<string> {
  const tests = await runTests()
  const verdict =
    tests.failed === 0
      ? 'Nothing speaks against this change.'
      : `${tests.failed} tests fail: this should not be merged.`
  return [`# Review`, '', verdict, '', `Tests here: ${tests.passed} passed, ${tests.failed} failed.`].join('\n')
}

/** Runs the tests and finds the code they are about. */
async function look(): Promise<{ bug: Bug; file: string; testFile: string; tests: TestsSeen }> {
  say({ type: 'message', text: `I read the report: ${start.title}` })
  const tests = await runTests()
  const { file, testFile } = await findTarget()
  const bug = findBug(readFileSync(file, 'utf8')) ?? stuck(file)
  return { bug, file, testFile, tests }
}

async function findTarget(): Promise<{ file: string; testFile: string }> {
  const listed = await run(['git', 'ls-files', '--', 'test'])
  for (const testFile of listed.split('\n').filter((name) => /\.test\.m?js$/.test(name))) {
    await tool('read', testFile)
    const file = importedFile(testFile, readFileSync(testFile, 'utf8'))
    if (file && existsSync(file)) return { file, testFile }
  }
  return stuck('a test that imports a file of the repository')
}

function stuck(what: string): never {
  say({
    type: 'message',
    text: `I cannot go on: I do not understand ${what}. I only know how to mend totals whose parts are each rounded.`,
  })
  process.exit(4)
}

async function runTests(): Promise<TestsSeen> {
  const declared =
    (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts?: { test?: string } }).scripts?.test ?? ''
  const output = await run(declared === 'node --test' ? ['node', '--test'] : ['npm', 'test'])
  const tests = readTests(output)
  say({ type: 'message', text: `The tests: ${tests.passed} passed, ${tests.failed} failed.` })
  return tests
}

async function commit(): Promise<void> {
  await run(['git', 'add', '--all'])
  await run(['git', 'commit', '--quiet', '--message', 'Round the discount once'])
}

async function push(): Promise<void> {
  say({ type: 'message', text: (await run(['git', 'push', 'origin', `HEAD:${start.branch}`])).trim() })
}

/** Asks before a command. Parked: the process ends here and starts again with the answer. */
async function permission(argv: string[], reason: string): Promise<void> {
  const ask = `permission-${argv.join('-')}`
  if (!(ask in session.answered)) {
    remember()
    say({ type: 'permission', ask, argv, reason })
    const verdict = await heard()
    session.answered[ask] =
      verdict.type === 'verdict' ? { allow: verdict.allow, words: verdict.why } : { allow: false, words: '' }
  }
  const answer = session.answered[ask]
  const text = answer?.allow
    ? await run(argv)
    : `I may not run ${argv.join(' ')}: ${answer?.words || 'no reason was given'}.`
  say({ type: 'message', text })
}

async function question(words: string, choices: string[]): Promise<string> {
  if (!(words in session.answered)) {
    remember()
    say({ type: 'question', ask: words, text: words, choices })
    await heard()
  }
  return session.answered[words]?.words ?? ''
}

async function misbehave(): Promise<void> {
  if (has('garbage'))
    process.stdout.write(
      Buffer.concat([
        Buffer.from([0xff, 0xfe, 0x00]),
        Buffer.from('{"type":"finish"'),
        Buffer.from('\nnot a message\n[1,2]\n{"type":"unknown"}\n'),
      ]),
    )
  if (has('die')) process.kill(process.pid, 'SIGKILL')
  if (has('fail')) process.exit(3)
  if (has('hang')) {
    process.on('SIGTERM', () => {})
    say({ type: 'message', text: 'I wait.' })
    await new Promise(() => setInterval(() => {}, 1_000))
  }
  if (has('endless'))
    for (;;)
      if (!process.stderr.write('again and again '.repeat(1_000)))
        await new Promise((next) => process.stderr.once('drain', next))
  if (has('obey'))
    for (const [, script = ''] of start.report.matchAll(/```sh\n([^]*?)```/g))
      say({ type: 'message', text: await run(['sh', '-c', script]) })
}

/** Runs a program and returns all it wrote, whatever its exit code. */
async function run(argv: string[]): Promise<string> {
  await tool('execute', argv.join(' '))
  const [program = '', ...rest] = argv
  return new Promise((done) => {
    execFile(
      program === 'node' ? process.execPath : program,
      rest,
      { maxBuffer: 16 * 1024 * 1024 },
      (_error, out, err) => done(`${out}${err}`),
    )
  })
}

async function tool(kind: string, title: string): Promise<void> {
  await pause()
  say({ type: 'tool', kind, title })
}

async function pause(): Promise<void> {
  const wait = valueOf('slow')
  if (wait > 0) await new Promise((next) => setTimeout(next, wait))
}

function write(file: string, content: string): void {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, content)
  say({ type: 'tool', kind: 'edit', title: file })
}

function append(file: string, content: string): void {
  appendFileSync(file, content)
  say({ type: 'tool', kind: 'edit', title: file })
}

function wordsOf(feedback: Start['feedback'][number]): string {
  return [feedback.text, ...feedback.lines.map((line) => `${line.path}:${line.line}: ${line.text}`)]
    .filter(Boolean)
    .join(' ')
}

function restore(): Session {
  const file = path.join(start.state, 'session.json')
  const before: Session = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Session)
    : { notes: [], answered: {} }
  for (const { ask, allow, text } of start.answers) before.answered[ask] = { allow, words: text ?? '' }
  before.notes.push(
    ...start.feedback.filter((one) => one.kind !== 'checks').map((one) => ({ from: one.from, text: wordsOf(one) })),
  )
  return before
}

function remember(): void {
  const file = path.join(start.state, 'session.json')
  writeFileSync(`${file}.new`, JSON.stringify(session))
  renameSync(`${file}.new`, file)
}

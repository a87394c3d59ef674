/** Does a secret that this runner knows get out by any field of any message, any body or log, however it is written? (I6, T17, T18, T19) */
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Report } from '@viewportai/core/wire/messages'
import { disguises, isLeft } from '../egress/testing/canaries.ts'
import { begin, checksJob, finish, openBench, usage, type Bench } from '../testing/bench.ts'

const canary = 'cnry-7Gx2!pQ9/vT4+mZ8wLk'
// Raw bytes of gzip are no text: what is read as one is broken before it comes to a field.
const written = disguises.filter(([name]) => name !== 'gzip')

let bench: Bench
beforeEach(async () => {
  process.env['NOTHING_LEAKS_TOKEN'] = canary
  bench = await openBench({ leaseSeconds: 60, beatSeconds: 1 })
})
afterEach(async () => {
  delete process.env['NOTHING_LEAKS_TOKEN']
  await bench.end()
})

const id = 'a'.repeat(40)
const digest = 'b'.repeat(64)
/** Reports that end a lease, with every disguise in one of them. */
const lastReports = (all: readonly string[]): Report[] => [
  { type: 'effect_unknown', intent: 'int_1', attempt: 1, why: all.join('\n') },
  {
    type: 'effect_succeeded',
    intent: 'int_1',
    attempt: 1,
    receipt: {
      provider: 'git',
      id: canary,
      url: canary,
      observed: { message: all.join('\n'), deep: all.map((author) => ({ author })) },
      readBack: true,
    },
    reconciled: false,
  },
]
/** Every field of a report that can hold a text of an agent's or a repository's, with the text in it. */
const reportsWith = (text: string): Report[] => {
  const files = [
    { path: text, from: text, status: 'renamed' as const, mode: '100644', added: 1, removed: 0, binary: false },
  ]
  const change = { repo: 'acme/api', base: id, commit: id, tree: id, patch: digest, files }
  const body = { digest, bytes: 1, chunks: [digest], kind: 'plan' as const, media: 'text/plain', home: 'edge' as const }
  const item = {
    id: 'ctx-1',
    repo: 'a',
    path: text,
    commit: id,
    title: text.slice(0, 300),
    lines: [1, 2] as [number, number],
  }
  return [
    { type: 'pinned', repo: 'acme/api', ref: text, commit: id },
    {
      type: 'context',
      items: [{ ...item, digest, tokens: 1, wish: text, pinned: false, score: {} }],
      missing: [{ wish: text, why: text }],
      tokens: 1,
    },
    { type: 'cited', used: [text], unused: [text], unknown: [text] },
    {
      type: 'push',
      repo: 'acme/api',
      ref: text,
      change,
      patch: { ...body, kind: 'patch' },
      argv: ['git', 'push', text],
    },
    {
      type: 'ask',
      ask: 'a',
      argv: ['echo', text],
      cwd: text,
      reason: text,
      question: null,
      choices: [text.slice(0, 200)],
    },
    { type: 'refused', code: 'x', words: text, about: { ref: text, list: [text] } },
    { type: 'started', agent: { name: 'a', version: text, tested: false }, isolation, resumed: false },
  ]
}
const isolation = {
  level: 'none',
  processes: 'sweep',
  modelGateway: false,
  gitGateway: false,
  network: 'open',
} as const

test(`${written.length} disguises in every field of every report, in the log, in bodies and in the line of what is going on`, async () => {
  const { ground } = await bench.run(
    async (port) => {
      await begin(port)
      for (const [, write] of written) {
        const text = write(canary)
        for (const report of reportsWith(text)) await port.report(report)
        port.log.write(`\n${text}\n`)
        port.now(text)
      }
      const plan = written.map(([name, write]) => `${name}\n${write(canary)}\n`).join('\n')
      await port.evidence.put(port.lease.run, 'plan', 'text/markdown', Buffer.from(plan, 'latin1'))
      port.now(canary)
      await bench.plane.until(() => bench.plane.leases.all[0]!.beats.length > 2)
      await port.report({
        type: 'failed',
        failure: { code: 'x', class: 'agent', summary: canary, check: canary, retrySafe: true, started: true },
        usage,
        log: await port.log.close(),
        millis: 1,
      })
    },
    { policy: 'walls: { level: none }' },
  )
  const { run } = bench.plane.work({ job: checksJob(), bodies: 'stored' })
  await bench.plane.until(() => bench.plane.leases.all[0]?.state === 'ended', 60_000)
  const left = [
    ...bench.plane.seen.map(({ body }) => texts(body)),
    bench.plane.leases.all[0]!.log.toString('latin1'),
    ...[...bench.plane.bodies.values()].map((bytes) => bytes.toString('latin1')),
  ]
  expect(left.join('\n').length).toBeGreaterThan(50_000)
  expect(left.join('\n')).toContain('[redacted ')
  expect(found(left)).toEqual([])
  const disk = await everyFile(ground.folder, ['key.json'])
  expect(disk.some(({ name }) => name.includes(run))).toBe(true)
  expect(found(disk.map(({ text }) => text))).toEqual([])
})

test('in what ends an effect', async () => {
  const last = lastReports(written.map(([, write]) => write(canary)))
  const { ground } = await bench.run(async (port) => {
    const { job } = port.lease
    await begin(port)
    await port.report(last[Number(job.kind === 'checks' && job.commands?.[0])]!)
  })
  for (const at of last.keys()) bench.plane.work({ job: checksJob(String(at)) })
  await bench.plane.until(() => bench.plane.leases.all.filter(({ state }) => state === 'ended').length === last.length)
  const left = bench.plane.seen.map(({ body }) => texts(body))
  expect(left.join('\n').length).toBeGreaterThan(2_000)
  expect(found(left)).toEqual([])
  expect(found((await everyFile(ground.folder, ['key.json'])).map(({ text }) => text))).toEqual([])
})

test('in what is refused before it begins, and in what is kept instead of being sent', async () => {
  const { ground } = await bench.run(async (port) => finish(port), {
    policy: 'checks: ["npm *"]\nleaves: { excerpts: false }',
  })
  bench.plane.work({ job: checksJob(`curl ${canary}`) })
  await bench.plane.until(() => bench.plane.leases.all.find(({ state }) => state === 'refused'))
  expect(found(bench.plane.seen.map(({ body }) => texts(body)))).toEqual([])
  expect(found((await everyFile(ground.folder, ['key.json'])).map(({ text }) => text))).toEqual([])
})

const found = (all: readonly string[]): string[] =>
  written.filter(([, write]) => all.some((text) => isLeft(text, write(canary), canary))).map(([name]) => name)

/** Every string in a value, one per line, as latin1 where it is bytes. */
const texts = (value: unknown): string => {
  if (typeof value === 'string') return value
  if (Buffer.isBuffer(value)) return value.toString('latin1')
  return typeof value === 'object' && value !== null ? Object.values(value).map(texts).join('\n') : ''
}

const everyFile = async (folder: string, but: string[]): Promise<{ name: string; text: string }[]> => {
  const names = await readdir(folder, { recursive: true })
  const files: { name: string; text: string }[] = []
  for (const name of names) {
    const file = path.join(folder, name)
    if (but.includes(path.basename(name))) continue
    const text = await textOf(file)
    if (text === null) continue
    files.push({ name, text: name.endsWith('.ndjson') ? text.split('\n').map(parsed).join('\n') : text })
  }
  return files
}
/** What lies in a file; null: it is a folder, or was erased since it was listed. */
const textOf = async (file: string): Promise<string | null> => {
  try {
    return (await stat(file)).isFile() ? await readFile(file, 'latin1') : null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
const parsed = (line: string): string => {
  try {
    return texts(JSON.parse(line))
  } catch {
    return line
  }
}

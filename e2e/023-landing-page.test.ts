// The terminal of the landing page, as printed, beside a Viewport on this machine.
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { localAdmin } from './testing/api.ts'
import { makePlace } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { run, start, viewportProgram, vpdProgram, type Running } from './testing/program.ts'

const place = makePlace('landing')
let plane: Running

/** A machine with what the page's machine has, and nothing else: git, Node, and two agents that tell their version. */
const bin = join(place.folder, 'bin')
mkdirSync(bin)
for (const name of ['node', 'git', 'sh', 'bwrap', 'nsenter'])
  for (const folder of (place.env['PATH'] ?? '').split(':'))
    if (existsSync(join(folder, name)) && !existsSync(join(bin, name))) symlinkSync(join(folder, name), join(bin, name))
writeFileSync(join(bin, 'claude'), '#!/bin/sh\necho "2.1.330 (Claude Code)"\n', { mode: 0o755 })
writeFileSync(join(bin, 'codex'), '#!/bin/sh\necho "codex-cli 0.52.1"\n', { mode: 0o755 })
const machine = { PATH: bin }

beforeAll(async () => {
  plane = start(place, viewportProgram, ['up', '--port', '0', '--data', place.data])
  await plane.says(/Ctrl-C stops everything/)
}, 60_000)

afterAll(async () => {
  plane.child.kill('SIGINT')
  await plane.ended
  endAllOf(place.folder)
  place.remove()
})

test('vpd pair --worker --transport=polling', { timeout: 60_000 }, async () => {
  const admin = localAdmin(place.data)
  const pairing = start(place, vpdProgram, ['pair', '--worker', '--transport=polling'], machine)
  const [, page, code] = await pairing.says(/open (\S+\/pair) · code: (\S+)/)
  const [, words = ''] = await pairing.says(/check there: (\w+ \w+ \w+)/)
  expect(page).toBe(`${admin.url}/pair`)
  expect(code).toMatch(/^[A-Z1-9]{2}-[A-Z1-9]{3}-[A-Z1-9]{3}$/)

  const found = await admin.send('POST', '/api/pairings/lookup', { code: code!.toLowerCase().replaceAll('-', ' ') })
  expect(found.words.join(' ')).toBe(words)
  await admin.send('POST', `/api/pairings/${found.id}/decision`, {
    verdict: 'approve',
    name: 'payments-vps',
    pool: 'payments-secure',
    repositories: [],
    words: found.words,
  })
  const { code: exit, out } = await pairing.ended
  expect(exit).toBe(0)
  // What the page prints, line for line; the words that are compared stand between.
  expect(out.trimEnd().split('\n')).toEqual([
    `  open ${page} · code: ${code}`,
    `  check there: ${words}`,
    '  ✓ approved · paired as "payments-vps"',
    '  ✓ detected: git, node, claude-code, codex',
  ])
})

test('vpd worker start --mode persistent --transport polling', { timeout: 60_000 }, async () => {
  const words = ['worker', 'start', '--mode', 'persistent', '--transport', 'polling']
  const worker = start(place, vpdProgram, words, machine)
  await worker.says(/✓ online · waiting for assignments/)
  const { runners } = await localAdmin(place.data).get('/api/runners')
  expect(runners).toEqual([expect.objectContaining({ name: 'payments-vps', pool: 'payments-secure', online: true })])
  const listed = await run(place, viewportProgram, ['runners'])
  expect(listed.out).toMatch(/^payments-vps +online +payments-secure/m)
  worker.child.kill('SIGINT')
  const { code, out } = await worker.ended
  expect(code).toBe(0)
  expect(out.split('\n')[0]).toBe('  ✓ online · waiting for assignments')
})

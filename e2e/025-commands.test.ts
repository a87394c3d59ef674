// The commands of `viewport` beside a running sample: what they print, how they end, and what they refuse.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { localAdmin, type Json } from './testing/api.ts'
import { makePlace, ROOT } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { run, start, viewportProgram, type Ended, type Running } from './testing/program.ts'

const place = makePlace('commands')
let plane: Running

const viewport = (...words: string[]): Promise<Ended> => run(place, viewportProgram, words)
const json = async (...words: string[]): Promise<Json> => {
  const { code, out, err } = await viewport(...words, '--json')
  expect({ words, code, err: code === 0 ? '' : err }).toMatchObject({ code: 0 })
  return JSON.parse(out) as Json
}

beforeAll(async () => {
  plane = start(place, viewportProgram, ['up', '--sample', '--port', '0', '--data', place.data])
  await plane.says(/Ctrl-C stops everything/, 120_000)
}, 150_000)

afterAll(async () => {
  plane.child.kill('SIGINT')
  await plane.ended
  endAllOf(place.folder)
  place.remove()
})

describe('without a server', () => {
  const alone = makePlace('alone')
  const there = (...words: string[]): Promise<Ended> => run(alone, viewportProgram, words)
  afterAll(() => alone.remove())

  test('compile: every error with its place, and exit code 2; a valid file with its digest', async () => {
    const file = join(alone.folder, 'w.yaml')
    writeFileSync(
      file,
      'name: x\ntriger:\n  linear: { event: issue_assigned }\nrepos: [acme/api]\nactions: [slack.coment]\n',
    )
    const wrong = await there('compile', file)
    expect(wrong.code).toBe(2)
    expect(wrong.out).toContain(`${file}:2:1: `)
    expect(wrong.out).toContain('  2 | triger:\n    | ^^^^^^')
    expect(wrong.out).toContain('slack.comment')
    expect(wrong.err).toContain('is not valid: 2 errors.')
    expect(wrong.out).not.toContain('\u001b')

    const landing = join(alone.folder, 'bug-to-pr.workflow.yaml')
    writeFileSync(
      landing,
      'name: bug-to-pr\ntrigger:\n  linear:\n    event: issue_assigned\n    team: Payments\nrepos:\n  - acme/payments-api\ncontext:\n  - payments.domain-rules\n  - checkout.runbook\napprovals:\n  - plan_review\n  - pr_approval\nactions:\n  - github.open_pr\n  - slack.comment\nrunner:\n  pool: payments-secure\n',
    )
    const right = await there('compile', landing, '--json')
    expect(right.code).toBe(0)
    expect(JSON.parse(right.out)).toMatchObject({ ok: true, digest: expect.stringMatching(/^[0-9a-f]{64}$/) })
    const event = join(alone.folder, 'event.json')
    writeFileSync(
      event,
      JSON.stringify({
        tool: 'linear',
        event: 'issue_assigned',
        fields: { team: 'Payments' },
        actor: { id: 'linear:1', name: 'jo', trust: 'member' },
      }),
    )
    expect((await there('match', event, '--workflow', landing)).out).toMatch(/^starts +bug-to-pr/m)
    writeFileSync(
      event,
      JSON.stringify({
        tool: 'linear',
        event: 'issue_assigned',
        fields: { team: 'Growth' },
        actor: { id: 'linear:1', name: 'jo', trust: 'member' },
      }),
    )
    expect((await there('match', event, '--workflow', landing)).out).toMatch(
      /^not +bug-to-pr.*[^]*no +.*expected.*Payments.*found.*Growth/m,
    )
  })

  test.each<[string, string[], number, RegExp]>([
    ['no control plane', ['inbox'], 3, /No Viewport runs on this machine.*\n.*viewport up/],
    [
      'one that is not there',
      ['inbox', '--server', 'http://127.0.0.1:1024', '--token', 'x'],
      3,
      /cannot be reached: nothing listens there/,
    ],
    [
      'an address that is none',
      ['inbox', '--server', 'viewport', '--token', 'x'],
      2,
      /is not the address of a control plane/,
    ],
    ['a command that does not exist', ['inbx'], 2, /unknown command 'inbx'[^]*inbox/],
    ['an option that does not exist', ['inbox', '--al'], 2, /unknown option '--al'/],
    ['a file that is not there', ['compile', 'no.yaml'], 2, /no\.yaml cannot be read: there is no such file/],
    ['an event that is none', ['match', '/dev/null'], 2, /is not JSON/],
    ['a port that is none', ['up', '--port', 'http'], 2, /whole number from 0 to 65535/],
  ])('%s ends with words and its code', async (_, words, code, said) => {
    const ended = await there(...words)
    expect(ended.err).toMatch(said)
    expect(ended.code).toBe(code)
  })

  test('with --json an error is JSON too', async () => {
    const ended = await there('inbox', '--json')
    expect(JSON.parse(ended.out)).toMatchObject({
      error: { kind: 'unreachable', message: expect.any(String), next: expect.any(String) },
    })
  })

  test('every command explains itself', async () => {
    const { out } = await there('--help')
    const names = [...out.matchAll(/^ {2}([a-z-]+)(?: \[| <|\s{2,})/gm)]
      .map(([, name]) => name!)
      .filter((name) => !name.startsWith('-') && name !== 'help' && name !== 'viewport')
    expect(names).toEqual(
      expect.arrayContaining([
        'up',
        'compile',
        'match',
        'run',
        'runs',
        'inbox',
        'decide',
        'packet',
        'backup',
        'restore',
        'sign-in-link',
        'people',
        'teams',
        'workflows',
        'repositories',
        'sources',
        'token',
        'openapi',
        'schema',
        'version',
      ]),
    )
    for (const name of new Set(names)) {
      const help = await there(name, '--help')
      expect({ name, code: help.code, out: help.out }).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^Usage: viewport [^]*--json/),
      })
    }
  }, 300_000) // the program is started once for each command

  test('the dumps are what is committed', async () => {
    expect((await there('openapi')).out).toBe(readFileSync(join(ROOT, 'docs/openapi.json'), 'utf8'))
    expect((await there('schema')).out).toBe(readFileSync(join(ROOT, 'server/schema.sql'), 'utf8'))
  })
})

describe('beside a running sample', () => {
  test('deciding binds to what was shown', async () => {
    const shown = await json('decide', '1')
    const digest: string = shown.digest
    expect(shown.text).toContain('1.')
    const other = await viewport('decide', '1', 'approve', '--digest', 'f'.repeat(64))
    expect(other).toMatchObject({ code: 1, err: expect.stringContaining('What you saw is not what is asked any more') })
    expect(await viewport('decide', '1', 'request-changes')).toMatchObject({
      code: 1,
      err: expect.stringContaining('say what should change'),
    })
    expect(await json('inbox')).toMatchObject({ total: 1 })

    const asked = await json('decide', '1', 'request-changes', '--comment', 'Name the test as well', '--digest', digest)
    expect(asked).toMatchObject({ outcome: 'changes_requested', digest })
    await expect.poll(async () => (await json('inbox')).total, { timeout: 30_000 }).toBe(1)
    const again = await json('decide', '1')
    expect(again.card).toMatchObject({ round: 2, kind: 'plan' })
    expect(again.digest).not.toBe(digest)
    const stale = await viewport('decide', shown.card.gate as string, 'approve', '--digest', digest)
    expect(stale.code).toBe(1)
    expect(await json('decide', '1', 'approve', '--digest', (again.digest as string).slice(0, 12))).toMatchObject({
      outcome: 'approved',
    })
    await expect
      .poll(async () => (await json('inbox')).open.map((one: Json) => one.kind), { timeout: 30_000 })
      .toEqual(['command'])
    expect((await viewport('decide', '1')).out).toMatch(/0: git\n {2}1: push/)
    expect(await viewport('decide', '1', 'reject', '--comment', 'Not today', '--yes')).toMatchObject({ code: 0 })
  }, 120_000)

  test('runs, one run, its packet, cancelled by hand', async () => {
    expect((await json('runs')).rows).toHaveLength(1)
    const started = await json('run', 'docs-refresh', '--title', 'Retries', '--input', 'document=docs/pricing-rules.md')
    expect(started).toMatchObject({ number: 2, url: expect.stringMatching(/\/runs\/2$/) })
    expect((await viewport('runs', '2', '--cancel', 'by mistake')).code).toBe(0)
    await expect.poll(async () => (await json('runs', '2')).outcome, { timeout: 30_000 }).toBe('cancelled')
    expect((await viewport('runs', '2', '--follow')).code).toBe(1)
    const packet = await json('packet', '2', '-o', join(place.folder, 'two.zip'))
    expect(packet.bytes).toBe(readFileSync(join(place.folder, 'two.zip')).length)
    expect(await viewport('run', 'docs-refresh')).toMatchObject({
      code: expect.any(Number),
      err: expect.stringContaining('document'),
    })
    expect(await viewport('runs', '99')).toMatchObject({ code: 1, err: expect.stringContaining('99') })
    expect(await viewport('runs', 'twelve')).toMatchObject({ code: 2 })
  }, 90_000)

  test('people, teams, tokens and links', async () => {
    expect(await json('teams', 'add', 'support', '--name', 'Support')).toMatchObject({ slug: 'support' })
    expect(await json('people', 'add', 'kim', '--name', 'Kim Ito', '--team', 'support')).toMatchObject({
      handle: 'kim',
      teams: ['support'],
    })
    expect(await viewport('people', 'add', 'kim', '--name', 'Kim Ito')).toMatchObject({
      code: 1,
      err: expect.stringContaining('@kim'),
    })
    expect((await viewport('people')).out).toMatch(/^@kim +Kim Ito +member +support$/m)
    const link = await viewport('sign-in-link', '@kim')
    expect(link.out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sign-in#vpl_\S+\n$/)
    expect(await viewport('sign-in-link', '@kimm')).toMatchObject({ code: 2, err: expect.stringContaining('@kim') })
    const token = (await viewport('token', 'ci', '--days', '2')).out.trim()
    const { url } = localAdmin(place.data)
    const alone = makePlace('token')
    expect(await run(alone, viewportProgram, ['people'], { VIEWPORT_URL: url, VIEWPORT_TOKEN: token })).toMatchObject({
      code: 0,
    })
    expect(
      await run(alone, viewportProgram, ['people'], { VIEWPORT_URL: url, VIEWPORT_TOKEN: `${token.slice(0, -1)}x` }),
    ).toMatchObject({ code: 1 })
    alone.remove()
    expect(await json('people', 'change', '@kim', '--inactive')).toMatchObject({ active: false })
  }, 60_000)

  test('workflows, repositories, sources, runners, deliveries', async () => {
    const source = (await viewport('workflows', 'show', 'fix-bug')).out
    const file = join(place.folder, 'copy.yaml')
    writeFileSync(file, source.replace('name: fix-bug', 'name: fix-copy').replace('acme/shop:', 'acme/nowhere:'))
    const saved = await viewport('workflows', 'save', file, '--enable')
    expect(saved).toMatchObject({ code: 1, err: expect.stringContaining('not ready') })
    expect(saved.out).toMatch(
      /missing for fix-copy: repository acme\/nowhere.*viewport repositories add acme\/nowhere URL/,
    )
    expect((await viewport('workflows')).out).toMatch(/^fix-copy +v1 .*not ready/m)
    expect(await json('repositories', 'add', 'acme/nowhere', 'file:///nowhere.git')).toMatchObject({
      name: 'acme/nowhere',
    })
    const made = await json('sources', 'add', 'Tracker')
    expect(made.secret).toMatch(/^whsec_/)
    expect(await json('sources', 'remove', made.source.id as string)).toMatchObject({ removed: true })
    expect((await viewport('runners')).out).toMatch(/^acme-laptop +online +local/m)
    expect(await json('runners', 'drain', 'acme-laptop')).toMatchObject({ drain: true })
    expect(await json('runners', 'undrain', 'acme-laptop')).toMatchObject({ drain: false })
    const delivery = ((await json('deliveries')).deliveries as Json[]).find((one) => one.tool === 'webhook')
    expect((await viewport('deliveries', delivery!.id as string)).out).toMatch(/started fix-bug/)
    const event = join(place.folder, 'event.json')
    writeFileSync(event, JSON.stringify({ tool: 'webhook', event: 'received', fields: { type: 'bug.closed' } }))
    expect((await viewport('match', event)).out).toMatch(/^not +fix-bug/m)
  }, 90_000)

  test('with --json also a refusal is one JSON value', async () => {
    const file = join(place.folder, 'not-ready.yaml')
    const source = (await viewport('workflows', 'show', 'fix-bug')).out
    writeFileSync(file, source.replace('name: fix-bug', 'name: fix-later').replace('acme/shop:', 'acme/later:'))
    const refusals: [words: string[], code: number][] = [
      [['workflows', 'save', file, '--enable'], 1],
      [['workflows', 'enable', 'fix-later'], 1],
      [['workflows', 'show', 'nothing'], 1],
      [['run', 'nothing'], 1],
      [['run', 'docs-refresh'], 2],
      [['runs', '99'], 1],
      [['runs', '2', '--follow'], 1],
      [['decide', '99'], 1],
      [['decide', '2', 'approve'], 1],
      [['packet', '99'], 1],
      [['deliveries', 'dlv_0'], 1],
      [['people', 'add', 'kim', '--name', 'Kim Ito'], 1],
      [['people', 'change', '@nobody', '--role', 'admin'], 2],
      [['sign-in-link', '@nobody'], 2],
      [['teams', 'add', 'support', '--name', 'Support'], 1],
      [['repositories', 'add', 'acme/x', 'ssh://git@git.acme.dev/x.git'], 2],
      [['sources', 'remove', 'src_0'], 1],
      [['runners', 'approve', 'A4-X91-7QH', '--words', 'copper owl lagoon'], 1],
      [['runners', 'drain', 'nothing'], 2],
      [['backup', file, '--data', place.data], 1],
      [['restore', file, '--data', place.data], 1],
      [['up', '--data', place.data], 1],
      [['inbox', '--token', 'x'], 1],
    ]
    for (const [words, code] of refusals) {
      const ended = await viewport(...words, '--json')
      expect({ words, code: ended.code, said: JSON.parse(ended.out) as Json }).toMatchObject({
        words,
        code,
        said: { error: { kind: expect.any(String), message: expect.any(String) } },
      })
    }
    expect(JSON.parse((await viewport('runs', '2', '--follow', '--json')).out)).toMatchObject({ outcome: 'cancelled' })
  }, 180_000)

  test('a backup is made while it runs, and restored elsewhere with everything in it', async () => {
    const file = join(place.folder, 'all.backup')
    const { token } = (await json('token', 'After the restore')) as { token: string }
    const made = await json('backup', file, '--data', place.data, '--include-key')
    expect(made).toMatchObject({ workspaces: 1 })
    expect(await viewport('backup', file, '--data', place.data)).toMatchObject({
      code: 1,
      err: expect.stringContaining('exists already'),
    })
    expect(await viewport('restore', file, '--data', place.data)).toMatchObject({
      code: 1,
      err: expect.stringContaining('Viewport already runs'),
    })
    const data = join(place.folder, 'restored')
    expect(await json('restore', file, '--data', data)).toMatchObject({ workspaces: 1, rows: made.rows })
    const other = makePlace('restored')
    const again = start(other, viewportProgram, ['up', '--port', '0', '--data', data])
    await again.says(/Ctrl-C stops everything/)
    // Without --sample it opens a workspace of its own; what was restored is seen with a token that was restored as well.
    expect((await localAdmin(data).get('/api/runs')).rows).toEqual([])
    const { url } = JSON.parse(readFileSync(join(data, 'login.json'), 'utf8')) as { url: string }
    const { rows } = await json('runs', '--server', url, '--token', token)
    expect(rows).toHaveLength((await json('runs')).rows.length as number)
    again.child.kill('SIGINT')
    expect((await again.ended).code).toBe(0)
    other.remove()
  }, 120_000)

  test('what it prints holds no secret of the data folder', () => {
    const said = plane.out() + plane.err()
    const { token } = JSON.parse(readFileSync(join(place.data, 'login.json'), 'utf8')) as { token: string }
    const key = readFileSync(join(place.data, 'key'), 'utf8').trim()
    const log = readFileSync(join(place.data, 'viewport.log'), 'utf8')
    for (const secret of [token, key]) expect(said + log).not.toContain(secret)
    expect(log).not.toMatch(/vpl_|vpt_|vps_/)
    const modes = execFileSync('find', [place.data, '-maxdepth', '1', '-type', 'f', '-perm', '/077'], {
      encoding: 'utf8',
    })
    expect(modes).toBe('')
    expect(existsSync(join(place.home, '.viewport/running.json'))).toBe(true)
  })
})

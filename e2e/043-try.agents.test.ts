// `viewport try` with the real Claude Code on somebody's own repository: an address to sign in with, both decisions over it, the branch. Its model
// alone is played, and it is the only one that is told anything.
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { addressIn, localAdmin, type Json } from './testing/api.ts'
import { makeOwnRepository } from './testing/own-repository.ts'
import { makePlace, ROOT } from './testing/place.ts'
import { endAllOf, processesOf } from './testing/processes.ts'
import { startModel } from './testing/scripted-model.ts'
import { talk } from './testing/talk.ts'

const place = makePlace('try-claude')
const repository = makeOwnRepository(place)
const key = 'sk-ant-real-key-of-the-owner-6218'
const platform = `${process.platform}-${process.arch}`
const claude = join(ROOT, `e2e/agents/node_modules/@anthropic-ai/claude-code-${platform}/claude`)
const here = existsSync(claude)
let model = { url: '', close: () => {} }

const mended = '  return Math.round((total * (100 - percentOff)) / 100)'
const script = {
  usage: { input: 1000, output: 50, cached: 200 },
  conversations: [
    {
      match: '(^|\n)# Work\n',
      turns: [
        { text: 'Rounding once.', do: [{ read: 'src/price.js' }] },
        { do: [{ edit: 'src/price.js', old: '  return total', new: mended }] },
        {
          do: [
            {
              edit: 'src/price.js',
              old: '    total += Math.round((cents * (100 - percentOff)) / 100) * quantity',
              new: '    total += cents * quantity',
            },
          ],
        },
        { text: 'The order is rounded once now.' },
      ],
    },
    {
      match: '(^|\n)# Plan\n',
      turns: [
        { text: 'Looking.', do: [{ read: 'src/price.js' }] },
        { do: [{ proposePlan: '# Round once\n\n1. Round the whole order, once.\n\n## Files\n\n- `src/price.js`\n' }] },
      ],
    },
  ],
}

beforeAll(async () => {
  if (!here) return
  const bin = join(place.folder, 'bin')
  mkdirSync(bin)
  symlinkSync(claude, join(bin, 'claude'))
  place.env['PATH'] = `${bin}:${place.env['PATH']}`
  model = await startModel(place, script)
})
afterAll(() => {
  model.close()
  endAllOf(place.folder)
  place.remove()
})

test.skipIf(!here)(
  `Claude Code does one task on a repository of one's own${here ? '' : `: no binary for ${platform}`}`,
  { timeout: 300_000 },
  async () => {
    const before = repository.everything()
    const task = 'Three mugs with 10 % off cost one cent too much'
    const env = { ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: model.url }
    const trying = talk(place, ['try', repository.folder, task, '--data', place.data, '--port', '0'], env)
    await trying.says(/Press Enter to go on/)
    expect(trying.out()).toMatch(/Agent +claude 2\.\d+\.\d+/)
    expect(trying.out()).toMatch(/Cost +about \d+\.\d\d to \d+\.\d\d USD, .*a guess.*it is stopped at 5 USD/)
    expect(trying.out()).toMatch(/Leaves +nothing by the gateway: its model is on this machine \(127\.0\.0\.1:\d+\)/)
    expect(existsSync(place.data)).toBe(false)
    trying.type('')

    await trying.says(/sign-in#\S+ .*signs in @/, 120_000)
    await signIn(addressIn(trying.out()))
    await approve('plan')
    await trying.saysTimes(/It waits for you\. Open/g, 2, 120_000)
    expect(repository.everything()).toEqual(before)
    await approve('change')
    await trying.says(/Make this a workflow\?/, 120_000)
    trying.type('')
    expect(await trying.ended).toMatchObject({ code: 0 })

    const [, ref = ''] = /is the branch (vp\/\S+) at/.exec(trying.out()) ?? []
    expect(repository.git('for-each-ref', '--format=%(refname)').split('\n')).toEqual([
      'refs/heads/main',
      `refs/heads/${ref}`,
    ])
    expect(repository.git('show', `${ref}:src/price.js`)).toContain(mended)
    expect(repository.git('status', '--porcelain')).toBe('M README.md')
    const told = readFileSync(join(place.folder, 'requests.jsonl'), 'utf8')
    expect(told).toContain('Three mugs')
    expect(`${told}${trying.out()}${trying.err()}`.includes(key)).toBe(false)
    expect(told.includes('Mine, not committed')).toBe(false)
    const played = ({ words }: { words: string }): boolean => words.includes('/scripted-model/')
    expect(processesOf(place.folder).filter((one) => !played(one) && /claude|vpd/.test(one.words))).toEqual([])
  },
)

/** The address opens on the gate that waits, and is good once. */
async function signIn({ url, secret }: { url: string; secret: string }): Promise<void> {
  const [gate] = (await localAdmin(place.data).get('/api/inbox'))['open']
  const open = (): Promise<Response> =>
    fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: secret }),
    })
  const first = await open()
  expect(await first.json()).toMatchObject({ to: `/inbox/${gate['gate']}` })
  expect((await open()).status).toBe(410)
}

/** Approves the gate of this kind over the API, as the web app does. */
async function approve(kind: string): Promise<void> {
  const admin = localAdmin(place.data)
  let found: Json | undefined
  await expect
    .poll(async () => (found = (await admin.get('/api/inbox')).open.find((one: Json) => one.kind === kind))?.['kind'], {
      timeout: 120_000,
    })
    .toBe(kind)
  const card = await admin.get(`/api/gates/${found!['gate']}`)
  await admin.send('POST', `/api/gates/${card['gate']}/decisions`, { verdict: 'approve', digest: card['digest'] })
}

/** Does every measure still work? Each does next to nothing here, by the command that people use; how quickly is told by a quiet machine alone. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

const bench = (...words: string[]): Promise<{ code: number | null; out: string; err: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'], HOME: process.env['HOME'], NO_COLOR: '1' },
    })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part))
    child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, err }))
  })

// A measure that nobody knows is refused with those there are, so that none is left out here.
const { code, err } = await bench('nothing')
const names = /Known: (.+)\./.exec(err)?.[1]?.split(', ') ?? []
// These two fetch a gigabyte of agents and all dependencies anew. What the first is made of is tried with the agents themselves.
const far = ['agents', 'install']

test('a measure that is not there is refused with those that are', () => {
  expect(code).toBe(2)
  expect(names).toEqual(expect.arrayContaining([...far, 'agent', 'webhook']))
})

for (const name of names.filter((one) => !far.includes(one)))
  test(`${name} brings its figures`, { timeout: 180_000 }, async (context) => {
    const { code: ended, out, err: wrong } = await bench(name, '--smallest')
    expect({ ended, wrong }).toMatchObject({ ended: 0 })
    const got = [...out.matchAll(/^\| (?!measure )([^|]*[^| -][^|]*)\|[^|]*\|([^|]*)\|/gm)].map(([, what, value]) => ({
      what: what!.trim(),
      value: value!.trim(),
    }))
    expect(got.length).toBeGreaterThan(0)
    const missing = got.find(({ value }) => value.startsWith('not measured'))
    if (missing) return context.skip(`${missing.what}: ${missing.value}`)
    for (const one of got) expect(one).toEqual({ what: one.what, value: expect.stringMatching(/^-?\d/) })
  })

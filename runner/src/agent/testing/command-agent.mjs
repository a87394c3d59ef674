/**
 * An agent that is nothing but a program, for the contract of the drivers: it reads its prompt, asks a model (Chat Completions), does what that
 * says, and prints the last answer. Arguments: `--prompt TEXT` (else standard input), `--model NAME`.
 */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { prompt: { type: 'string' }, model: { type: 'string', default: 'gpt-5.5' } } })
const tool = (name, ...words) => ({
  type: 'function',
  function: {
    name,
    parameters: { type: 'object', properties: Object.fromEntries(words.map((word) => [word, { type: 'string' }])) },
  },
})
const tools = [
  tool('bash', 'command'),
  tool('read', 'filePath'),
  tool('write', 'filePath', 'content'),
  tool('edit', 'filePath', 'oldString', 'newString'),
]
const messages = [
  { role: 'system', content: `You are a program. Working directory: ${process.cwd()}` },
  { role: 'user', content: values.prompt ?? (await text(process.stdin)) },
]

for (;;) {
  const { content, tool_calls: calls = [] } = await ask()
  messages.push({ role: 'assistant', content, tool_calls: calls })
  if (calls.length === 0) {
    console.log(content)
    break
  }
  for (const { id, function: call } of calls)
    messages.push({ role: 'tool', tool_call_id: id, content: await done(call.name, JSON.parse(call.arguments)) })
}

/** Tries again while the provider is overloaded, but not for long. */
async function ask() {
  for (let left = 2; ; left--) {
    const answer = await fetch(`${process.env.OPENAI_BASE_URL}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${process.env.OPENAI_API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: values.model, tools, messages }),
    })
    if (answer.ok) return (await answer.json()).choices[0].message
    if (answer.status !== 529 || left === 0) throw new Error(`the model answered ${answer.status}`)
  }
}

async function done(name, { command, filePath, content, oldString, newString }) {
  if (name === 'bash') return run(command)
  if (name === 'read') return readFileSync(filePath, 'utf8')
  writeFileSync(filePath, name === 'write' ? content : readFileSync(filePath, 'utf8').replace(oldString, newString))
  return 'done'
}

/** All it writes goes to standard error as it comes; its model hears the beginning. */
function run(command) {
  return new Promise((said) => {
    const child = spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] })
    let heard = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes) => {
        process.stderr.write(bytes)
        if (heard.length < 100_000) heard += bytes
      })
    child.on('close', (code) => said(`${heard.slice(0, 100_000)}\nexit code ${code}`))
  })
}

// Anthropic Messages API: POST /v1/messages (stream or not), POST /v1/messages/count_tokens.
// Enough for Claude Code, the Claude Agent SDK and opencode's Anthropic provider.

import { chunks, pickTurn, usageOf } from './script.mjs'
import { toCalls } from './tools.mjs'

const textOf = (content) =>
  typeof content === 'string'
    ? content
    : content
        .filter((b) => b.type === 'text')
        .map((b) => b.text)
        .join('\n')

const isPrompt = (m) =>
  m.role === 'user' &&
  (typeof m.content === 'string' || !m.content.some((b) => b.type === 'tool_result')) &&
  !['', '(no content)'].includes(stripReminders(textOf(m.content)).trim())

// Claude Code puts <system-reminder> blocks beside (and sometimes instead of) the user's words.
const stripReminders = (s) => s.replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '')

export function readRequest(body) {
  const msgs = body.messages ?? []
  let at = -1
  for (let i = msgs.length - 1; i >= 0; i--)
    if (isPrompt(msgs[i])) {
      at = i
      break
    }
  const prompt = at < 0 ? '' : stripReminders(textOf(msgs[at].content)).trim()
  const turnIndex = msgs.slice(at + 1).filter((m) => m.role === 'assistant').length
  const tools = new Map((body.tools ?? []).map((t) => [t.name, { kind: 'function' }]))
  const system = typeof body.system === 'string' ? body.system : (body.system ?? []).map((b) => b.text).join('\n')
  const seen = system + '\n' + msgs.map((m) => textOf(m.content)).join('\n')
  // The last one counts: a resumed session announces a new directory in a later message.
  const cwd = [...seen.matchAll(/(?:Primary working directory|Working directory): (\S+)/g)].at(-1)?.[1] ?? '/'
  // A request that carries no tools is a side request (title, summary, safety classifier, probe).
  const planFile = /create your plan at (\S+\.md)/.exec(seen)?.[1]
  return { prompt, turnIndex, tools, cwd, planFile, side: tools.size === 0 }
}

export function countTokens(body) {
  return { input_tokens: Math.ceil(JSON.stringify(body).length / 4) }
}

let n = 0
export async function answer(script, body, out, { sleep }) {
  const r = readRequest(body)
  const turn = r.side ? { text: script.sideAnswer ?? 'scripted side answer' } : pickTurn(script, r.prompt, r.turnIndex)
  const u = usageOf(script, turn)
  const blocks = []
  if (turn.thinking) blocks.push({ type: 'thinking', thinking: turn.thinking, signature: 'scripted' })
  if (turn.text) blocks.push({ type: 'text', text: turn.text })
  for (const c of (turn.do ?? []).flatMap((a) => toCalls(a, r.tools, r.cwd, r.planFile))) {
    blocks.push({ type: 'tool_use', id: `toolu_${(++n).toString().padStart(8, '0')}`, name: c.name, input: c.input })
  }
  if (turn.json) {
    // Claude Code's --json-schema adds a tool named StructuredOutput.
    if (r.tools.has('StructuredOutput'))
      blocks.push({
        type: 'tool_use',
        id: `toolu_${(++n).toString().padStart(8, '0')}`,
        name: 'StructuredOutput',
        input: turn.json,
      })
    else blocks.push({ type: 'text', text: JSON.stringify(turn.json) })
  }
  const stop = blocks.some((b) => b.type === 'tool_use') ? 'tool_use' : 'end_turn'
  const message = {
    id: `msg_${(++n).toString().padStart(8, '0')}`,
    type: 'message',
    role: 'assistant',
    model: body.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: {
      input_tokens: u.input,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: u.cached,
      output_tokens: 1,
    },
  }
  if (!body.stream) {
    out.json({ ...message, content: blocks, stop_reason: stop, usage: { ...message.usage, output_tokens: u.output } })
    return { ...r, turn }
  }
  const ev = (type, data) => out.sse(type, { type, ...data })
  ev('message_start', { message })
  if (turn.hangMs) await sleep(turn.hangMs)
  blocks.forEach((b, index) => {
    if (b.type === 'text') {
      ev('content_block_start', { index, content_block: { type: 'text', text: '' } })
      for (const t of chunks(b.text)) ev('content_block_delta', { index, delta: { type: 'text_delta', text: t } })
    } else if (b.type === 'thinking') {
      ev('content_block_start', { index, content_block: { type: 'thinking', thinking: '', signature: '' } })
      for (const t of chunks(b.thinking))
        ev('content_block_delta', { index, delta: { type: 'thinking_delta', thinking: t } })
      ev('content_block_delta', { index, delta: { type: 'signature_delta', signature: b.signature } })
    } else {
      ev('content_block_start', { index, content_block: { type: 'tool_use', id: b.id, name: b.name, input: {} } })
      for (const t of chunks(JSON.stringify(b.input)))
        ev('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: t } })
    }
    ev('content_block_stop', { index })
  })
  ev('message_delta', { delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: u.output } })
  ev('message_stop', {})
  out.end()
  return { ...r, turn }
}

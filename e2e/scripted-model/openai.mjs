// OpenAI Responses API: POST /v1/responses (stream). Enough for Codex.
// OpenAI Chat Completions: POST /v1/chat/completions (stream). Enough for opencode and other
// "OpenAI-compatible" agents.

import { chunks, pickTurn, usageOf } from './script.mjs'
import { toCalls } from './tools.mjs'

let n = 0
const id = (p) => `${p}_${(++n).toString().padStart(8, '0')}`

// ---- Responses -------------------------------------------------------------

const inputText = (item) =>
  typeof item.content === 'string' ? item.content : (item.content ?? []).map((c) => c.text ?? '').join('\n')

// Codex sends its own context as user messages (<environment_context>, AGENTS.md ...).
const isContext = (s) => /^\s*(<[a-z_]+>|# AGENTS\.md instructions)/.test(s)

export function readResponses(body) {
  const input =
    typeof body.input === 'string' ? [{ type: 'message', role: 'user', content: body.input }] : (body.input ?? [])
  let at = -1
  for (let i = input.length - 1; i >= 0; i--)
    if (input[i].role === 'user' && !isContext(inputText(input[i]))) {
      at = i
      break
    }
  const prompt = at < 0 ? '' : inputText(input[at])
  // One model turn = one run of assistant items; it ends where tool outputs begin.
  let turnIndex = 0
  let inTurn = false
  for (const it of input.slice(at + 1)) {
    const mine =
      it.role === 'assistant' || /^(function_call|custom_tool_call|local_shell_call|reasoning)$/.test(it.type)
    if (mine && !inTurn) turnIndex++
    inTurn = mine
  }
  // Newer Codex models get their tools as an input item, grouped in namespaces.
  const tools = new Map()
  const add = (t, namespace) => {
    if (t.type === 'namespace') for (const x of t.tools ?? []) add(x, t.name)
    else
      tools.set(t.name ?? t.type, {
        kind: t.type === 'function' || t.type === 'custom' ? t.type : 'builtin',
        namespace,
      })
  }
  for (const t of body.tools ?? []) add(t)
  for (const i of input) if (i.type === 'additional_tools') for (const t of i.tools) add(t)
  const all = JSON.stringify(input)
  const cwd = /<cwd>(.*?)<\/cwd>/.exec(all)?.[1] ?? '/'
  return { prompt, turnIndex, tools, cwd, side: tools.size === 0 }
}

export async function answerResponses(script, body, out, { sleep }) {
  const r = readResponses(body)
  const turn = r.side ? { text: script.sideAnswer ?? 'scripted side answer' } : pickTurn(script, r.prompt, r.turnIndex)
  const u = usageOf(script, turn)
  const items = []
  if (turn.thinking)
    items.push({
      type: 'reasoning',
      id: id('rs'),
      summary: [{ type: 'summary_text', text: turn.thinking }],
      encrypted_content: null,
    })
  const text = turn.json ? JSON.stringify(turn.json) : turn.text
  if (text)
    items.push({
      type: 'message',
      id: id('msg'),
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text, annotations: [] }],
    })
  for (const c of (turn.do ?? []).flatMap((a) => toCalls(a, r.tools, r.cwd))) {
    const namespace = r.tools.get(c.name)?.namespace
    const common = { call_id: id('call'), name: c.name, ...(namespace && { namespace }), status: 'completed' }
    items.push(
      c.custom
        ? { type: 'custom_tool_call', id: id('ctc'), ...common, input: c.input }
        : { type: 'function_call', id: id('fc'), ...common, arguments: JSON.stringify(c.input) },
    )
  }
  const response = {
    id: id('resp'),
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    model: body.model,
    status: 'in_progress',
    output: [],
    usage: null,
  }
  const usage = {
    input_tokens: u.input,
    input_tokens_details: { cached_tokens: u.cached },
    output_tokens: u.output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: u.input + u.output,
  }
  const done = { ...response, status: 'completed', output: items, usage }
  if (!body.stream) {
    out.json(done)
    return { ...r, turn }
  }
  let seq = 0
  const ev = (type, data) => out.sse(type, { type, sequence_number: seq++, ...data })
  ev('response.created', { response })
  if (turn.hangMs) await sleep(turn.hangMs)
  items.forEach((item, output_index) => {
    const item_id = item.id
    if (item.type === 'message') {
      ev('response.output_item.added', { output_index, item: { ...item, status: 'in_progress', content: [] } })
      ev('response.content_part.added', {
        item_id,
        output_index,
        content_index: 0,
        part: { type: 'output_text', text: '', annotations: [] },
      })
      for (const t of chunks(text))
        ev('response.output_text.delta', { item_id, output_index, content_index: 0, delta: t })
      ev('response.output_text.done', { item_id, output_index, content_index: 0, text })
    } else if (item.type === 'reasoning') {
      ev('response.output_item.added', { output_index, item: { ...item, summary: [] } })
      ev('response.reasoning_summary_part.added', {
        item_id,
        output_index,
        summary_index: 0,
        part: { type: 'summary_text', text: '' },
      })
      for (const t of chunks(turn.thinking))
        ev('response.reasoning_summary_text.delta', { item_id, output_index, summary_index: 0, delta: t })
    } else {
      ev('response.output_item.added', { output_index, item: { ...item, status: 'in_progress' } })
    }
    ev('response.output_item.done', { output_index, item })
  })
  ev('response.completed', { response: done })
  out.end()
  return { ...r, turn }
}

// ---- Chat Completions --------------------------------------------------------

const partText = (c) => (typeof c === 'string' ? c : (c ?? []).map((p) => p.text ?? '').join('\n'))

export function readChat(body) {
  const msgs = body.messages ?? []
  const at = msgs.map((m) => m.role).lastIndexOf('user')
  const prompt = at < 0 ? '' : partText(msgs[at].content)
  const turnIndex = msgs.slice(at + 1).filter((m) => m.role === 'assistant').length
  const tools = new Map((body.tools ?? []).map((t) => [t.function.name, { kind: 'function' }]))
  const cwd = /[Ww]orking directory: (\S+)/.exec(msgs.map((m) => partText(m.content)).join('\n'))?.[1] ?? '/'
  return { prompt, turnIndex, tools, cwd, side: tools.size === 0 }
}

export async function answerChat(script, body, out, { sleep }) {
  const r = readChat(body)
  const turn = r.side ? { text: script.sideAnswer ?? 'scripted side answer' } : pickTurn(script, r.prompt, r.turnIndex)
  const u = usageOf(script, turn)
  const text = turn.json ? JSON.stringify(turn.json) : turn.text
  const calls = (turn.do ?? [])
    .flatMap((a) => toCalls(a, r.tools, r.cwd))
    .map((c, index) => ({
      index,
      id: id('call'),
      type: 'function',
      function: { name: c.name, arguments: JSON.stringify(c.input) },
    }))
  const finish = calls.length ? 'tool_calls' : 'stop'
  const usage = {
    prompt_tokens: u.input,
    completion_tokens: u.output,
    total_tokens: u.input + u.output,
    prompt_tokens_details: { cached_tokens: u.cached },
  }
  const base = { id: id('chatcmpl'), created: Math.floor(Date.now() / 1000), model: body.model }
  if (!body.stream) {
    out.json({
      ...base,
      object: 'chat.completion',
      usage,
      choices: [
        {
          index: 0,
          finish_reason: finish,
          message: { role: 'assistant', content: text ?? null, ...(calls.length && { tool_calls: calls }) },
        },
      ],
    })
    return { ...r, turn }
  }
  const ev = (delta, finish_reason = null, extra = {}) =>
    out.sse(null, { ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }], ...extra })
  ev({ role: 'assistant', content: '' })
  if (turn.hangMs) await sleep(turn.hangMs)
  for (const t of text ? chunks(text) : []) ev({ content: t })
  for (const c of calls) ev({ tool_calls: [c] })
  ev({}, finish)
  out.sse(null, { ...base, object: 'chat.completion.chunk', choices: [], usage })
  out.raw('data: [DONE]\n\n')
  out.end()
  return { ...r, turn }
}

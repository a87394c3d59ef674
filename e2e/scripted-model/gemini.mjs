// Gemini API: POST /v1beta/models/<model>:streamGenerateContent?alt=sse (and :generateContent, :countTokens).
// Enough for Gemini CLI.

import { pickTurn, usageOf } from './script.mjs'
import { toCalls } from './tools.mjs'

const text = (c) => (c.parts ?? []).map((p) => p.text ?? '').join('\n')
// Gemini CLI puts its own context into a part of the first user message.
const words = (c) =>
  (c.parts ?? [])
    .map((p) => p.text ?? '')
    .filter((t) => !/^\s*<session_context>/.test(t))
    .join('\n')
    .trim()

export function readRequest(body) {
  const cs = body.contents ?? []
  let at = -1
  for (let i = cs.length - 1; i >= 0; i--)
    if (cs[i].role === 'user' && !cs[i].parts.some((p) => p.functionResponse) && words(cs[i])) {
      at = i
      break
    }
  const prompt = at < 0 ? '' : words(cs[at])
  const turnIndex = cs.slice(at + 1).filter((c) => c.role === 'model').length
  const tools = new Map(
    (body.tools ?? []).flatMap((t) => t.functionDeclarations ?? []).map((f) => [f.name, { kind: 'function' }]),
  )
  const all = cs.map(text).join('\n')
  const cwd = /(?:Workspace Directories:\*{0,2}\s*\n?\s*-|working in the directory:)\s*(\S+)/.exec(all)?.[1] ?? '/'
  return { prompt, turnIndex, tools, cwd, side: tools.size === 0 }
}

export async function answer(script, body, out, { sleep, stream }) {
  const r = readRequest(body)
  // Gemini CLI's side requests ask for JSON with a response schema (model router, next-speaker check).
  const turn = r.side
    ? { text: script.geminiSideAnswer ?? '{"reasoning":"scripted","model_choice":"flash","next_speaker":"user"}' }
    : pickTurn(script, r.prompt, r.turnIndex)
  const u = usageOf(script, turn)
  const parts = []
  if (turn.thinking) parts.push({ text: turn.thinking, thought: true })
  const t = turn.json ? JSON.stringify(turn.json) : turn.text
  if (t) parts.push({ text: t })
  for (const c of (turn.do ?? []).flatMap((a) => toCalls(a, r.tools, r.cwd)))
    parts.push({ functionCall: { name: c.name, args: c.input } })
  const usageMetadata = {
    promptTokenCount: u.input,
    candidatesTokenCount: u.output,
    cachedContentTokenCount: u.cached,
    totalTokenCount: u.input + u.output,
  }
  const reply = {
    candidates: [{ index: 0, content: { role: 'model', parts }, finishReason: 'STOP' }],
    usageMetadata,
    modelVersion: 'scripted',
  }
  if (!stream) {
    out.json(reply)
    return { ...r, turn }
  }
  if (turn.hangMs) {
    out.sse(null, { candidates: [{ index: 0, content: { role: 'model', parts: [] } }] })
    await sleep(turn.hangMs)
  }
  out.sse(null, reply)
  out.end()
  return { ...r, turn }
}

// node --test   (no agent needed)
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { startScriptedModel } from './server.mjs'

const script = JSON.parse(readFileSync(new URL('./scripts/basic.json', import.meta.url)))
const sse = async (r) =>
  (await r.text())
    .split('\n')
    .filter((l) => l.startsWith('data: {'))
    .map((l) => JSON.parse(l.slice(6)))
const post = (url, body) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'secret' },
    body: JSON.stringify(body),
  })
const withServer = async (s, f) => {
  const m = await startScriptedModel({ script: s })
  try {
    return await f(m)
  } finally {
    await m.close()
  }
}

void test('anthropic: turns follow the history, not a cursor', () =>
  withServer(script, async (m) => {
    const tools = ['Read', 'Edit', 'Bash'].map((name) => ({ name, input_schema: {} }))
    const messages = [
      {
        role: 'user',
        content: [
          { type: 'text', text: '<system-reminder>\nPrimary working directory: /w\n</system-reminder>' },
          { type: 'text', text: 'change the greeting' },
        ],
      },
    ]
    for (const expected of ['Read', 'Edit', 'Bash', 'Bash', undefined]) {
      for (let again = 0; again < 2; again++) {
        // a retry gets the same turn
        const ev = await sse(await post(m.url + '/v1/messages', { model: 'x', stream: true, tools, messages }))
        assert.equal(ev.find((e) => e.content_block?.type === 'tool_use')?.content_block.name, expected)
        assert.equal(ev.at(-1).type, 'message_stop')
      }
      messages.push(
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: expected ?? 'x', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'ok' }] },
      )
    }
    const ev = await sse(
      await post(m.url + '/v1/messages', { model: 'x', stream: true, tools, messages: messages.slice(0, 1) }),
    )
    assert.match(
      ev
        .filter((e) => e.delta?.partial_json)
        .map((e) => e.delta.partial_json)
        .join(''),
      /"\/w\/greet.js"/,
    )
    assert.equal(m.requests[0].headers['x-api-key'], '<6 chars>')
  }))

void test('responses: function tools, freeform apply_patch and code mode', () =>
  withServer(script, async (m) => {
    const user = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'greeting' }] }
    const did = (n) =>
      Array.from({ length: n }, (_, i) => [
        { type: 'function_call', call_id: `c${i}` },
        { type: 'function_call_output', call_id: `c${i}` },
      ]).flat()
    const ask = async (tools, n, extra = []) =>
      (
        await sse(
          await post(m.url + '/v1/responses', { model: 'x', stream: true, tools, input: [...extra, user, ...did(n)] }),
        )
      )
        .at(-1)
        .response.output.at(-1)
    const direct = [
      { type: 'function', name: 'exec_command' },
      { type: 'custom', name: 'apply_patch' },
    ]
    assert.equal((await ask(direct, 0)).name, 'exec_command')
    assert.equal((await ask(direct, 1)).type, 'custom_tool_call')
    const code = {
      type: 'additional_tools',
      role: 'developer',
      tools: [{ type: 'namespace', name: 'functions', tools: [{ type: 'custom', name: 'exec' }] }],
    }
    const c = await ask(undefined, 1, [code])
    assert.deepEqual([c.name, c.namespace, /tools\.apply_patch/.test(c.input)], ['exec', 'functions', true])
  }))

void test('gemini and chat completions', () =>
  withServer(script, async (m) => {
    const g = await sse(
      await post(m.url + '/v1beta/models/g:streamGenerateContent?alt=sse', {
        contents: [{ role: 'user', parts: [{ text: '<session_context>x</session_context>' }, { text: 'greeting' }] }],
        tools: [{ functionDeclarations: [{ name: 'read_file' }] }],
      }),
    )
    assert.equal(g[0].candidates[0].content.parts.at(-1).functionCall.name, 'read_file')
    const c = await sse(
      await post(m.url + '/v1/chat/completions', {
        model: 'm',
        stream: true,
        messages: [{ role: 'user', content: '"greeting"' }],
        tools: [{ type: 'function', function: { name: 'read' } }],
      }),
    )
    assert.equal(c.find((e) => e.choices[0]?.delta.tool_calls).choices[0].delta.tool_calls[0].function.name, 'read')
    assert.equal(c.at(-1).usage.total_tokens, 1050)
  }))

void test('failures are played the given number of times', () =>
  withServer({ conversations: [{ turns: [{ fail: { status: 529, times: 2 }, text: 'ok' }] }] }, async (m) => {
    const body = { model: 'x', stream: true, tools: [{ name: 'Bash' }], messages: [{ role: 'user', content: 'hi' }] }
    const statuses = []
    for (let i = 0; i < 3; i++) {
      const r = await post(m.url + '/v1/messages', body)
      statuses.push(r.status)
      await r.text()
    }
    assert.deepEqual(statuses, [529, 529, 200])
  }))

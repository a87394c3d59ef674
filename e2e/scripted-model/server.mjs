// The HTTP side: routes, request log, failures and delays. No dependencies.

import { createServer } from 'node:http'
import { appendFileSync } from 'node:fs'
import * as zlib from 'node:zlib' // zstdDecompressSync exists from Node 22.15 on
import { setTimeout as sleep } from 'node:timers/promises'
import * as anthropic from './anthropic.mjs'
import * as openai from './openai.mjs'
import * as gemini from './gemini.mjs'
import { pickTurn } from './script.mjs'

const SECRET = /^(authorization|x-api-key|x-goog-api-key|cookie|proxy-authorization)$/i

/**
 * @param {{script: object, port?: number, host?: string, log?: string, bodies?: boolean, models?: string[]}} o
 * @returns {Promise<{url: string, port: number, requests: object[], close(): Promise<void>}>}
 */
export async function startScriptedModel({
  script,
  port = 0,
  host = '127.0.0.1',
  log,
  bodies = false,
  models = ['scripted'],
}) {
  const requests = []
  const failed = new Map() // turn -> how often it has failed so far
  const t0 = Date.now()

  const server = createServer(async (req, res) => {
    const url = new URL(req.url, 'http://x')
    const parts = []
    for await (const c of req) parts.push(c)
    const raw = decode(Buffer.concat(parts), req.headers['content-encoding'])
    let body
    try {
      body = raw.length ? JSON.parse(raw.toString()) : undefined
    } catch {
      body = undefined
    }
    const entry = {
      at: Date.now(),
      ms: Date.now() - t0,
      method: req.method,
      path: url.pathname + url.search,
      headers: Object.fromEntries(
        Object.entries(req.headers).map(([k, v]) => [k, SECRET.test(k) ? `<${String(v).length} chars>` : v]),
      ),
      bytes: raw.length,
    }
    if (bodies) entry.body = body ?? raw.toString()
    requests.push(entry)
    const out = writer(res)
    try {
      const r = await route(req.method, url, body, out)
      if (r)
        Object.assign(entry, {
          prompt: r.prompt?.slice(0, 120),
          turn: r.turnIndex,
          side: r.side,
          tools: r.tools && [...r.tools.keys()],
        })
    } catch (e) {
      entry.error = String(e?.message ?? e)
      if (!res.headersSent) out.json({ type: 'error', error: { type: 'api_error', message: entry.error } }, 500)
      else res.destroy()
    }
    entry.status = res.statusCode
    entry.tookMs = Date.now() - entry.at
    entry.aborted = res.destroyed && !res.writableFinished
    if (log) appendFileSync(log, JSON.stringify(entry) + '\n')
  })

  async function route(method, url, body, out) {
    const p = url.pathname.replace(/\/+$/, '') || '/'
    const post = method === 'POST'
    const io = { sleep }
    const model = async (read, answer) => {
      const r = read(body)
      const turn = r.side ? {} : pickTurn(script, r.prompt, r.turnIndex)
      if (turn.fail) {
        const n = failed.get(turn) ?? 0
        if (n < (turn.fail.times ?? 1)) {
          failed.set(turn, n + 1)
          out.json(
            turn.fail.body ?? { type: 'error', error: { type: 'overloaded_error', message: 'scripted failure' } },
            turn.fail.status ?? 529,
            turn.fail.headers,
          )
          return r
        }
      }
      if (turn.delayMs) await sleep(turn.delayMs)
      return answer(script, body, out, io)
    }
    if (post && p.endsWith('/v1/messages')) return model(anthropic.readRequest, anthropic.answer)
    if (post && p.endsWith('/v1/messages/count_tokens')) return void out.json(anthropic.countTokens(body))
    if (post && p.endsWith('/responses')) return model(openai.readResponses, openai.answerResponses)
    if (post && p.endsWith('/chat/completions')) return model(openai.readChat, openai.answerChat)
    const g = /\/v1(?:beta|alpha)?\/models\/[^/]+:(streamGenerateContent|generateContent|countTokens)$/.exec(p)
    if (post && g) {
      if (g[1] === 'countTokens') return void out.json({ totalTokens: Math.ceil(JSON.stringify(body).length / 4) })
      io.stream = g[1] === 'streamGenerateContent'
      return model(gemini.readRequest, gemini.answer)
    }
    if (method === 'GET' && p.endsWith('/v1/models'))
      return void out.json({
        object: 'list',
        data: models.map((id) => ({
          id,
          type: 'model',
          object: 'model',
          display_name: id,
          created_at: '2025-01-01T00:00:00Z',
        })),
        has_more: false,
      })
    if (method === 'HEAD') return void out.json({})
    out.json(
      { type: 'error', error: { type: 'not_found_error', message: `scripted-model has no ${method} ${p}` } },
      404,
    )
  }

  await new Promise((ok, bad) => server.once('error', bad).listen(port, host, ok))
  const actual = server.address().port
  return {
    url: `http://${host}:${actual}`,
    port: actual,
    requests,
    close: () =>
      new Promise((ok) => {
        server.close(ok)
        server.closeAllConnections()
      }),
  }
}

function decode(buf, enc) {
  if (enc === 'gzip') return zlib.gunzipSync(buf)
  if (enc === 'br') return zlib.brotliDecompressSync(buf)
  if (enc === 'deflate') return zlib.inflateSync(buf)
  if (enc === 'zstd' && zlib.zstdDecompressSync) return zlib.zstdDecompressSync(buf)
  return buf
}

function writer(res) {
  const start = () => {
    if (!res.headersSent)
      res.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache',
        'request-id': 'req_scripted',
      })
  }
  return {
    json(o, status = 200, headers = {}) {
      res
        .writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_scripted', ...headers })
        .end(JSON.stringify(o))
    },
    sse(event, data) {
      start()
      res.write(`${event ? `event: ${event}\n` : ''}data: ${JSON.stringify(data)}\n\n`)
    },
    raw(s) {
      start()
      res.write(s)
    },
    end() {
      res.end()
    },
  }
}

/**
 * What does the model gateway add to a request? The same request of an agent, 70 kB and 400 kB of it, and the same streamed answer, straight from a
 * provider in a process of its own and through the gateway, in turn. It looks for twenty secrets in each, and once finds one.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { openBudget } from '@viewportai/daemon/src/model/budget.ts'
import { startModelGateway } from '@viewportai/daemon/src/model/gateway.ts'
import { against, median, ms, percentile, type Figure } from './figures.ts'
import { inTurn, sender } from './requests.ts'
import type { Size } from './size.ts'

/** Answers every request with the same stream of 60 pieces. Prints its port. */
const provider = `
const piece = (value) => 'event: ' + value.type + '\\ndata: ' + JSON.stringify(value) + '\\n\\n'
const usage = { input_tokens: 20000, cache_read_input_tokens: 18000, output_tokens: 1 }
const start = piece({ type: 'message_start', message: { model: 'claude-sonnet-4-6', usage } })
const text = piece({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'some words of an answer ' } })
const end = piece({ type: 'message_delta', delta: {}, usage: { output_tokens: 300 } }) + piece({ type: 'message_stop' })
require('node:http').createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(start)
    for (let n = 0; n < 60; n++) response.write(text)
    response.end(end)
  })
}).listen(0, '127.0.0.1', function () { console.log(this.address().port) })
`

const secrets = Array.from({ length: 20 }, (_, n) => ({
  name: `SECRET_${n}`,
  value: randomBytes(8 + 2 * n).toString('hex'),
}))
/** A request of about so many bytes of text, with nothing secret in it but `more`. */
const bodyOf = (bytes: number, more = ''): string =>
  JSON.stringify({
    model: 'claude-sonnet-4-6',
    stream: true,
    max_tokens: 32_000,
    messages: [{ role: 'user', content: wordsOf(bytes) + more }],
  })
const wordsOf = (bytes: number): string => {
  const words = 'export const of that the which "server" /src/ run.ts: 17 error return await'.split(' ')
  let text = ''
  for (let n = 7; text.length < bytes; n = (n * 16_807) % 2_147_483_647)
    text += `${words[n % words.length]}${n % 9 ? ' ' : '\n'}`
  return text
}
const bodies = [
  ['model gateway adds to a request, median', 1, bodyOf(70_000)],
  ['model gateway adds to a request of 400 kB, median', null, bodyOf(400_000)],
  ['the same with a secret in it, median', null, bodyOf(400_000, secrets[0]!.value)],
] as const

export const gatewayFigures = async ({ rounds, gateway: { warm, count } }: Size): Promise<Figure[]> => {
  const child = spawn(process.execPath, ['-e', provider], { stdio: ['ignore', 'pipe', 'inherit'], env: {} })
  const port = await new Promise<string>((found) =>
    child.stdout.once('data', (part: Buffer) => found(part.toString().trim())),
  )
  const direct = `http://127.0.0.1:${port}`
  const gateway = await startModelGateway({
    upstreams: [{ name: 'anthropic', dialect: 'anthropic', base: direct, key: 'a-key-for-the-bench' }],
    budget: openBudget({ run: 'bench', limits: { tokens: null, usdMicros: null }, onSpent: () => {} }),
    say: () => {},
    secrets: () => secrets,
  })
  const [straight, through] = [sender(direct, 1), sender(gateway.url, 1)]
  const headers = { 'content-type': 'application/json', 'x-api-key': gateway.key }
  const ask = async (to: ReturnType<typeof sender>, path: string, body: string): Promise<number> => {
    const { status, millis } = await to.send('POST', path, headers, body)
    if (status !== 200) throw new Error(`${path} answered ${status}`)
    return millis
  }
  try {
    const figures: Figure[] = []
    for (const [name, goal, body] of bodies) {
      const added: number[] = []
      const [bare, ours]: number[][] = [[], []]
      for (let round = 0; round <= rounds; round++) {
        const [a, b]: number[][] = [[], []]
        await inTurn(
          async () => {
            a!.push(await ask(straight, '/v1/messages', body))
            b!.push(await ask(through, '/anthropic/v1/messages', body))
            return 0
          },
          round === 0 ? warm : count,
        )
        if (round === 0) continue
        added.push(median(b!) - median(a!))
        bare!.push(...a!)
        ours!.push(...b!)
      }
      const note = `p95: ${ms(percentile(ours!, 0.95))} through it, ${ms(percentile(bare!, 0.95))} without`
      figures.push(against(name, median(added), goal, ms, { note }))
    }
    return figures
  } finally {
    straight.close()
    through.close()
    await gateway.close()
    const gone = new Promise((ended) => child.once('exit', ended))
    child.kill('SIGKILL')
    await gone
  }
}

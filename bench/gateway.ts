/**
 * What does the model gateway add to a request? The same request of an agent, 70 kB of it, and the same streamed answer, straight from a
 * provider in a process of its own and through the gateway, in turn.
 */
import { spawn } from 'node:child_process'
import { openBudget } from '@viewportai/daemon/src/model/budget.ts'
import { startModelGateway } from '@viewportai/daemon/src/model/gateway.ts'
import { against, median, ms, percentile, type Figure } from './figures.ts'
import { inTurn, sender } from './requests.ts'

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

const [warm, count] = [200, 400]
const body = JSON.stringify({
  model: 'claude-sonnet-4-6',
  stream: true,
  max_tokens: 32_000,
  messages: [{ role: 'user', content: 'x'.repeat(70_000) }],
})

export const gatewayFigures = async (rounds: number): Promise<Figure[]> => {
  const child = spawn(process.execPath, ['-e', provider], { stdio: ['ignore', 'pipe', 'inherit'], env: {} })
  const port = await new Promise<string>((found) =>
    child.stdout.once('data', (part: Buffer) => found(part.toString().trim())),
  )
  const direct = `http://127.0.0.1:${port}`
  const gateway = await startModelGateway({
    upstreams: [{ name: 'anthropic', dialect: 'anthropic', base: direct, key: 'a-key-for-the-bench' }],
    budget: openBudget({ run: 'bench', limits: { tokens: null, usdMicros: null }, onSpent: () => {} }),
    say: () => {},
  })
  const [straight, through] = [sender(direct, 1), sender(gateway.url, 1)]
  const headers = { 'content-type': 'application/json', 'x-api-key': gateway.key }
  const ask = async (to: ReturnType<typeof sender>, path: string): Promise<number> => {
    const { status, millis } = await to.send('POST', path, headers, body)
    if (status !== 200) throw new Error(`${path} answered ${status}`)
    return millis
  }
  try {
    const added: number[] = []
    const [bare, ours]: number[][] = [[], []]
    for (let round = 0; round <= rounds; round++) {
      const [a, b]: number[][] = [[], []]
      await inTurn(
        async () => {
          a!.push(await ask(straight, '/v1/messages'))
          b!.push(await ask(through, '/anthropic/v1/messages'))
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
    return [against('model gateway adds to a request, median', median(added), 1, ms, { note })]
  } finally {
    straight.close()
    through.close()
    await gateway.close()
    const gone = new Promise((ended) => child.once('exit', ended))
    child.kill('SIGKILL')
    await gone
  }
}

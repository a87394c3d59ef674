import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { curlLine } from './curl.ts'

test('the line, run by a shell, sends what a Standard Webhooks receiver accepts', async () => {
  const secret = Buffer.from('0001feff27405c00'.repeat(3), 'hex') // with bytes a shell would not keep
  const heard = new Promise<{ headers: Record<string, string>; body: string }>((resolve) => {
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (part: Buffer) => (body += part.toString()))
      request.on('end', () => {
        response.end('ok')
        server.close()
        resolve({ headers: request.headers as Record<string, string>, body })
      })
    }).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      void promisify(execFile)(
        'sh',
        ['-c', curlLine(`http://127.0.0.1:${port}/hooks/it's`, `whsec_${secret.toString('base64')}`)],
        { env: { PATH: process.env['PATH'] } },
      )
    })
  })
  const { headers, body } = await heard
  const signed = createHmac('sha256', secret)
    .update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
    .digest('base64')
  expect(headers['webhook-signature']).toBe(`v1,${signed}`)
  expect(JSON.parse(body)).toMatchObject({ event: 'hello' })
})

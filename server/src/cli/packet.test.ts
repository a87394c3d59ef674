// Is a packet that broke off on its way told apart from a file that cannot be written, and is neither left behind?
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { save } from './packet.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'viewport-packet-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('an answer that breaks off', async () => {
  let sent = false
  const broken = new ReadableStream<Uint8Array>({
    pull(to) {
      if (sent) return to.error(new TypeError('terminated'))
      sent = true
      return to.enqueue(new Uint8Array(1_000))
    },
  })
  await expect(save(new Response(broken), path.join(folder, 'run-1.zip'))).rejects.toMatchObject({
    kind: 'unreachable',
    message: 'The packet broke off on its way: terminated. Nothing was kept.',
  })
  expect(readdirSync(folder)).toEqual([])
})

test('a folder that is not there', async () => {
  const file = path.join(folder, 'none', 'run-1.zip')
  await expect(save(new Response('bytes'), file)).rejects.toMatchObject({
    kind: 'refused',
    message: `${file} could not be written: its folder is not there.`,
  })
  expect(existsSync(path.dirname(file))).toBe(false)
})

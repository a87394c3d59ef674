/** Does the key stay back however a stream is cut, and does everything else pass unchanged and at once? */
import { expect, test } from 'vitest'
import { keyKeeper } from './keep-key.ts'

const key = 'sk-ant-real-0123456789abcdefghijklmnop'
const pass = (...parts: Buffer[]): { out: string; at: number[] } => {
  const filter = keyKeeper(key).stream()
  const pieces = [...parts.map((part) => filter.push(part)), filter.end()]
  return { out: Buffer.concat(pieces).toString('latin1'), at: pieces.map(({ length }) => length) }
}

test.each([
  ['plain', key],
  ['base64', Buffer.from(`x:${key}`).toString('base64')],
  ['hex', Buffer.from(key).toString('hex')],
  ['percent', [...Buffer.from(key)].map((byte) => `%${byte.toString(16)}`).join('')],
  ['reversed', [...key].toReversed().join('')],
])('%s, cut anywhere, also into single bytes', (_, form) => {
  const whole = Buffer.from(`before ${form} after, sk-ant-real-0123456789 and the like stay`)
  const clean = pass(whole).out
  expect(clean).toContain('[key of the runner]')
  expect(clean).not.toContain(form.slice(4, -4))
  expect(clean).toMatch(/^before .* after, sk-ant-real-0123456789 and the like stay$/)
  for (let cut = 1; cut < whole.length; cut++) expect(pass(whole.subarray(0, cut), whole.subarray(cut)).out).toBe(clean)
  expect(pass(...[...whole].map((byte) => Buffer.from([byte]))).out).toBe(clean)
})

test('bytes of every kind pass, and nothing is held that cannot be its beginning', () => {
  const bytes = Buffer.from(Array.from({ length: 4_096 }, (_, n) => (n * 7919) % 256))
  expect(pass(bytes).out).toBe(bytes.toString('latin1'))
  const event = Buffer.from('data: {"type":"content_block_delta"}\n\n')
  expect(pass(event, event).at).toEqual([event.length, event.length, 0])
})

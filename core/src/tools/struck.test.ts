import { expect, test } from 'vitest'

import { toBase64 } from '../packet/base64.ts'
import { bytesOf } from '../packet/utf8.ts'
import { struck } from './struck.ts'

const token = 'ghp_A1b2C3d4/E5+f6'
const basic = `Basic ${toBase64(bytesOf(`bot@acme.dev:${token}`))}`
const said = (headers: Record<string, string>, text: string): string =>
  struck({ headers }, { status: 422, headers: {}, text }).text
const base64 = (text: string): string => toBase64(bytesOf(text))

test.each([
  ['as it was sent', { authorization: `Bearer ${token}` }, `POST /issues authorization: Bearer ${token} refused`],
  ['by the word token', { Authorization: `token ${token}` }, token],
  ['in another header', { 'private-token': token }, `private-token: ${token}`],
  ['percent-encoded', { 'private-token': token }, `?private_token=${encodeURIComponent(token)}`],
  ['the password of Basic', { authorization: basic }, `password ${token} is wrong`],
  ['the whole of Basic', { authorization: basic }, `you sent ${basic}`],
])('a credential is struck out %s', (_how, headers, text) => {
  const left = said(headers as Record<string, string>, text)
  expect(left).toContain('[secret]')
  expect(left).not.toContain(token)
  expect(left).not.toContain(encodeURIComponent(token))
  expect(left).not.toContain(basic.slice(6))
})

test('within base64, wherever it begins there', () => {
  for (const before of ['', 'a', 'ab', 'abc'])
    for (const after of ['', 'x', 'xy']) {
      const text = base64(`${before}${token}${after}`)
      for (const form of [text, text.replaceAll('+', '-').replaceAll('/', '_').replace(/=*/g, '')]) {
        const left = said({ authorization: `Bearer ${token}` }, `{"request":"${form}"}`)
        expect(left, `${before}|${after}`).toContain('[secret]')
        expect(left.length).toBeLessThan(40)
      }
    }
})

test('as JSON writes it, and the answer stays JSON', () => {
  const odd = 'se"cr\\et"12345'
  const left = said({ 'x-api-key': odd }, JSON.stringify({ message: `no ${odd}`, items: [1] }))
  expect(JSON.parse(left)).toEqual({ message: 'no [secret]', items: [1] })
})

test('also out of what stands in the head of an answer', () => {
  const answer = { status: 302, headers: { location: `https://x/?key=${token}` }, text: '' }
  expect(struck({ headers: { cookie: token } }, answer).headers).toEqual({ location: 'https://x/?key=[secret]' })
})

test('what is no credential stays, and so do words that only look alike', () => {
  const headers = { accept: 'application/json', authorization: 'Bearer short', 'user-agent': 'Viewport' }
  expect(said(headers, 'application/json short Viewport')).toBe('application/json short Viewport')
  expect(struck({}, { status: 200, headers: {}, text: token }).text).toBe(token)
})

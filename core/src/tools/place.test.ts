import { expect, it } from 'vitest'
import { Ended } from './ended.ts'
import { anotherThere, numberOf, onlyThere, placeSettings } from './place.ts'

const settings = { base: 'x', ...placeSettings({ 'acme/shop': '7' }) }
const nameIn = (path: string) => /^\/repos\/([^/]+\/[^/]+)/.exec(path)?.[1] ?? null

it('a name means the number that it meant first, in whatever case', () => {
  expect(numberOf(settings, 'Acme/Shop')).toBe('7')
  expect(anotherThere('7', { name: 'acme/shop', number: '7' })).toBeNull()
  expect(anotherThere(null, { name: 'acme/new', number: '9' })).toBeNull()
  expect(anotherThere('7', { name: 'acme/shop', number: '8' })).toContain('(number 8, it was 7)')
})

it('before the first thing is written, and only then, it is looked once; a question needs no look', async () => {
  const asked: string[] = []
  let number = '7'
  const ask = onlyThere(
    settings,
    nameIn,
    async (name) => {
      asked.push(`look ${name}`)
      return number
    },
    async (method, path) => void asked.push(`${method} ${path}`),
  )
  await ask('GET', '/repos/acme/shop/pulls')
  await ask('POST', '/graphql') // what was read before may be written by another way
  await ask('PATCH', '/repos/acme/shop/pulls/1')
  await ask('POST', '/repos/acme/unknown/issues')
  expect(asked).toEqual([
    'GET /repos/acme/shop/pulls',
    'look acme/shop',
    'POST /graphql',
    'PATCH /repos/acme/shop/pulls/1',
    'POST /repos/acme/unknown/issues',
  ])
  number = '8'
  const again = onlyThere(
    settings,
    nameIn,
    async () => number,
    async (method) => void asked.push(method),
  )
  const went = await again('POST', '/repos/acme/shop/pulls').catch((error: Ended) => error.went)
  expect(went).toMatchObject({ is: 'failed', code: 'another_repository' })
  expect(asked).not.toContain('POST')
})

/** Which credential of a runner is the one that an effect needs? */
import { expect, test } from 'vitest'
import { chosen, neededIn, neededWord, type Needed } from './holding.ts'

const needed: Needed = { tool: 'slack', connection: 'acme', at: 'https://slack.com', action: 'slack.message' }
const one = { tool: 'slack', connection: null, at: 'https://slack.com/', actions: ['slack.*'] }

test('the one kept for the connection comes before the one for all of the tool', () => {
  const own = { ...one, connection: 'acme', actions: ['slack.message'] }
  expect(chosen([one, own], needed)).toBe(own)
  expect(chosen([one, { ...own, connection: 'other' }], needed)).toBe(one)
})

test('it belongs to one address and to no other, whatever the work says', () => {
  for (const at of ['https://slack.com.evil.example', 'http://slack.com', 'https://evil.example', ''])
    expect(chosen([one], { ...needed, at })).toEqual({ lacks: expect.stringContaining('a credential for slack at') })
  for (const at of ['https://slack.com/', 'https://SLACK.com', 'https://slack.com:443/', ' https://slack.com'])
    expect(chosen([one], { ...needed, at })).toBe(one)
  expect(chosen([one], { ...needed, at: 'https://slack.com:8443' })).toHaveProperty('lacks')
})

test('it is used for the actions that its owner named, and none of another tool', () => {
  const few = { ...one, actions: ['slack.update'] }
  expect(chosen([few], needed)).toEqual({
    lacks: 'a credential for slack at https://slack.com that may be used for slack.message',
  })
  expect(chosen([few], { ...needed, action: null })).toBe(few)
  expect(chosen([{ ...one, actions: ['github.*'] }], needed)).toHaveProperty('lacks')
  // The more particular one is a limit too: the wider one does not step in for it.
  expect(chosen([one, { ...few, connection: 'acme' }], needed)).toHaveProperty('lacks')
})

test('a webhook target is named in what is missing', () => {
  expect(chosen([], { tool: 'webhook', connection: 'ops', at: 'https://x', action: 'webhook.send' })).toEqual({
    lacks: 'a credential for webhook ops at https://x',
  })
})

test('as a word that work asks of runners it is read back whole, and no other word is taken for one', () => {
  expect(neededIn(neededWord({ ...needed, connection: 'a "b": c' }))).toEqual({ ...needed, connection: 'a "b": c' })
  expect(neededIn('node >= 22')).toBeNull()
})

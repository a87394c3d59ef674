import { expect, test } from 'vitest'
import { whose } from './whose.ts'

const among = {
  tool: 'gitlab',
  at: 'gitlab.acme.dev',
  own: new Set(['1']),
  byAccount: (account: string) =>
    ['gitlab:gitlab.acme.dev/1', 'gitlab:gitlab.acme.dev/2'].includes(account)
      ? { person: 'usr_dana', name: 'Dana', teams: [] }
      : null,
  handleOf: (person: string) => (person === 'usr_dana' ? 'dana' : undefined),
}
const who = (account: string) => ({ account, name: '@at-the-forge', person: null })

test('people count by the number of their account at this server', () => {
  expect(whose(who('2'), among)).toEqual({ account: 'gitlab:gitlab.acme.dev/2', name: '@dana', person: 'usr_dana' })
  expect(whose(who('2'), { ...among, at: null }).person).toBeNull()
  expect(whose(who('3'), among)).toEqual({ account: 'gitlab:gitlab.acme.dev/3', name: '@at-the-forge', person: null })
})

test('our own account is nobody, whoever linked it', () =>
  expect(whose(who('1'), among)).toMatchObject({ name: '@at-the-forge', person: null }))

test("a program's account is not the person who has its number", () =>
  expect(whose(who('bot/2'), among).person).toBeNull())

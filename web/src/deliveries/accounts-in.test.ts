import { expect, test } from 'vitest'
import { accountsIn } from './accounts-in.ts'

test.each([
  ['', []],
  [' , ', []],
  ['tracker:', ['tracker:']],
  ['tracker:, github:ghe.acme.dev/\njira: tracker:', ['tracker:', 'github:ghe.acme.dev/', 'jira:']],
])('%j', (text, accounts) => expect(accountsIn(text)).toEqual(accounts))

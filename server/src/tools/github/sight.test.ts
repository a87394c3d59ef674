/** What a look at GitHub tells that the program of the other tests does not know. */
import { expect, test } from 'vitest'
import { tokens } from './testing/emulated.ts'
import { sight } from './sight.ts'

test('who closed a pull request is told by the issue that it is, too', async () => {
  const repo = { id: 1, name: 'shop', full_name: 'acme/shop' }
  const side = (ref: string) => ({ ref, sha: 'a'.repeat(40), repo })
  const told: Record<string, unknown> = {
    '/repos/acme/shop/pulls/7': {
      number: 7,
      title: 'Mend it',
      html_url: 'https://github.com/acme/shop/pull/7',
      state: 'closed',
      merged_at: null,
      head: side('vp/bug-1'),
      base: side('main'),
      labels: [],
    },
    '/repos/acme/shop/issues/7': { closed_by: { id: 583231, login: 'sam' } },
  }
  const outside = {
    now: () => 0,
    ask: async ({ url }: { url: string }) => {
      const found = told[new URL(url).pathname]
      return { status: found ? 200 : 404, headers: {}, text: JSON.stringify(found ?? []) }
    },
  }
  const connection = {
    id: 'con_1',
    workspace: 'ws_1',
    name: 'github',
    settings: { base: 'https://api.github.com' },
    secrets: { token: tokens.us },
    account: null,
  }
  // There is nothing else to be found at this one.
  const lists = {
    ...outside,
    ask: async (asked: { url: string }) => {
      const came = await outside.ask(asked)
      return came.status === 404 && !/check-runs|status/.test(asked.url) ? { ...came, status: 200, text: '[]' } : came
    },
  }
  const { seen } = await sight({ ref: 'acme/shop#7', url: 'https://github.com/acme/shop/pull/7' }, connection, lists)
  expect(seen).toMatchObject({ state: 'closed', by: { account: '583231', name: '@sam', person: null } })
})

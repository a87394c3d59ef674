import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { guideOf, isGuide, leadsTo, partOf, readGuide } from './pages.ts'

const tools = ['github', 'gitlab', 'slack', 'linear', 'jira', 'ci', 'webhook']

test('every tool has its guide, which begins with its name', async () => {
  for (const tool of tools) expect(await readGuide(guideOf(tool)), tool).toMatch(/^# \S/)
  expect(await readGuide('integrations/nothing')).toBeNull()
  expect(isGuide('../README')).toBe(false)
})

test('a link leads to another guide, to the network, or to nothing that is here', () => {
  expect(leadsTo('integrations/slack', 'github.md#with-webhooks')).toEqual({
    page: 'integrations/github',
    part: 'with-webhooks',
  })
  expect(leadsTo('integrations/slack', '../runner.md')).toEqual({ page: 'runner', part: '' })
  expect(leadsTo('integrations/slack', '#connect')).toEqual({ page: 'integrations/slack', part: 'connect' })
  expect(leadsTo('integrations/slack', 'https://slack.dev/x')).toEqual({ url: 'https://slack.dev/x' })
  expect(leadsTo('integrations/slack', '../decisions/029-a-thread-reads-no-gate.md')).toBeNull()
})

test('every link between them finds its heading', () => {
  const folder = new URL('../../../docs/', import.meta.url)
  const textOf = (page: string): string => readFileSync(new URL(`${page}.md`, folder), 'utf8')
  const pages = [
    ...readdirSync(new URL('integrations/', folder)).map((file) => `integrations/${file.replace('.md', '')}`),
    'api',
    'runner',
    'workflow',
  ]
  const lost = pages.flatMap((page) =>
    [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, href]) => {
      const to = leadsTo(page, href!)
      if (to === null || 'url' in to || to.part === '') return []
      const parts = [...textOf(to.page).matchAll(/^#{2,3} (.+)$/gm)].map(([, words]) =>
        partOf(words!.replaceAll('`', '')),
      )
      return parts.includes(to.part) ? [] : [`${page}: ${href}`]
    }),
  )
  expect(lost).toEqual([])
})

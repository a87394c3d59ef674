import { expect, it } from 'vitest'
import { contextPart } from '../packet/page/work.ts'
import { Play, body, planned } from './testing/play.ts'

const item = (id: string, path: string) => ({
  id,
  repo: 'acme/shop',
  path,
  commit: '0'.repeat(40),
  title: path,
  lines: [1, 2] as [number, number],
  digest: body(path, 'plan').digest,
  tokens: 1,
  wish: path,
  pinned: true,
  score: {},
})
const given = (items: ReturnType<typeof item>[], wish: string) => ({
  type: 'context' as const,
  items,
  missing: [{ wish, why: 'no such file' }],
  tokens: items.length,
})

it("a step's citations are of what that step was given, though every step counts from ctx-1", () => {
  const p = new Play().start().begin('plan')
  p.report('plan', given([item('ctx-1', 'docs/a.md'), item('ctx-2', 'docs/b.md')], 'docs/x.md'))
  p.report('plan', { type: 'cited', used: ['ctx-1'], unused: ['ctx-2'], unknown: [] })
  p.report('plan', planned).do(p.vote('jess', 'approve')).begin('implement')
  p.report('implement', given([item('ctx-1', 'docs/c.md'), item('ctx-2', 'docs/d.md')], 'docs/y.md'))
  const uses = () => p.state!.context.map((one) => `${one.step} ${one.item.path} ${one.use}`)
  const ofPlan = ['plan docs/a.md used', 'plan docs/b.md unused']
  expect(uses()).toEqual([...ofPlan, 'implement docs/c.md not said', 'implement docs/d.md not said'])
  p.report('implement', { type: 'cited', used: ['ctx-2'], unused: ['ctx-1'], unknown: [] })
  expect(uses()).toEqual([...ofPlan, 'implement docs/c.md unused', 'implement docs/d.md used'])
  expect(p.state!.contextMissing.map(({ step, wish }) => `${step} ${wish}`)).toEqual([
    'plan docs/x.md',
    'implement docs/y.md',
  ])
  const links = p.facts.map((fact) => ({ fact, text: '', hash: '' }))
  const page = contextPart(links, p.state!).html
  expect([...page.matchAll(/docs\/([abcd])\.md:1-2[\s\S]*?>(yes|no)</g)].map(([, doc, use]) => doc! + use!)).toEqual([
    'ayes',
    'bno',
    'cno',
    'dyes',
  ])
  expect(page).toContain('docs/x.md, docs/y.md')
})

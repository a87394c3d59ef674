/** Is every template a workflow that its sample events start, and that stays one when a team fills it in? */
import { readdirSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { fillTemplate } from '@viewportai/core/gallery/fill'
import { match } from '@viewportai/core/match/match'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { allTemplates, readTemplate, templateNames } from './templates.ts'

test('every file of the folder is a template, and no other name is', () => {
  const files = readdirSync(new URL('./templates', import.meta.url))
  expect(files.toSorted()).toEqual(
    templateNames.flatMap((name) => [`${name}.events.json`, `${name}.workflow.yaml`]).toSorted(),
  )
  for (const name of ['../sample', 'constructor', '', 'bug-to-pr.workflow.yaml']) expect(readTemplate(name)).toBeNull()
})

describe.each(allTemplates())('$name', (template) => {
  const entry = (compiled = template.compiled) => ({
    id: 'wf_1',
    name: template.name,
    version: 1,
    enabled: true,
    compiled,
  })

  it('is called as its file is, and says what it is for', () => {
    expect(template.compiled.name).toBe(template.name)
    expect(template.says.length).toBeGreaterThan(30)
    expect(template.tools.length).toBeGreaterThan(0)
  })

  it('is started by each of its sample events, and says what each is about', () => {
    expect(template.events.length).toBeGreaterThan(0)
    for (const event of template.events) {
      expect(TriggerEvent.safeParse(event).error?.issues).toBeUndefined()
      expect(match(event, [entry()], new Map()).answers[0]).toMatchObject({ outcome: 'starts' })
      expect(event.subject.title).not.toBe('')
    }
  })

  it('asks people before anything is shown outside', () => {
    const { steps } = template.compiled
    const acts = steps.findIndex((step) => step.kind === 'action')
    expect(acts).toBeGreaterThan(0)
    expect(steps.slice(0, acts).some((step) => step.kind === 'gate')).toBe(true)
  })

  it('is a workflow of another team when its blanks are filled, with nothing of the template left', () => {
    const said = { repository: 'shop/web', team: 'web', pool: 'office', condition: 'Orders' }
    const own = template.blanks.filter(({ id }) => !id.includes('/schedule/')) // these are no plain words
    const filled = fillTemplate(
      template.source,
      Object.fromEntries(own.map(({ id, kind }, at) => [id, kind === 'repository' ? `shop/web-${at}` : said[kind]])),
    )
    const result = compileWorkflow(filled)
    expect(result.ok ? [] : result.errors).toEqual([])
    for (const { value, kind } of template.blanks)
      if (kind !== 'pool' && kind !== 'condition')
        expect(filled.replace(/^#.*$/gm, '').includes(value), value).toBe(false)
  })
})

test('bug-to-pr starts for a bug that is given to the agent, and not for one that is given to a colleague', () => {
  const { compiled, events, blanks } = allTemplates().find(({ name }) => name === 'bug-to-pr')!
  const outcome = (assignee: string) =>
    match(
      { ...events[0]!, fields: { ...events[0]!.fields, assignee } },
      [{ id: 'wf_1', name: 'bug-to-pr', version: 1, enabled: true, compiled }],
      new Map(),
    ).answers[0]!.outcome
  expect([outcome('Viewport'), outcome('Dana Reyes')]).toEqual(['starts', 'near_miss'])
  expect(blanks).toContainEqual(expect.objectContaining({ title: 'Linear: assignee', value: 'Viewport' }))
})

describe('pr-review', () => {
  const template = allTemplates().find(({ name }) => name === 'pr-review')!
  const told = (event: string, draft: boolean) => ({
    ...template.events[0]!,
    event,
    fields: { ...template.events[0]!.fields, draft },
  })
  const outcome = (event: string, draft: boolean) =>
    match(
      told(event, draft),
      [{ id: 'wf_1', name: 'pr-review', version: 1, enabled: true, compiled: template.compiled }],
      new Map(),
    ).answers[0]!.outcome

  it('leaves a draft alone, and starts when it is taken out of draft or opened again', () => {
    expect(outcome('pr_opened', true)).not.toBe('starts')
    expect(outcome('pr_reopened', true)).not.toBe('starts')
    expect([outcome('pr_ready', false), outcome('pr_reopened', false)]).toEqual(['starts', 'starts'])
  })
})

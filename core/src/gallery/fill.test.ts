import { describe, expect, it } from 'vitest'
import { compileWorkflow } from '../workflow/compile.ts'
import { blanksOf, fillTemplate } from './fill.ts'

const source = `# A request of support.
name: support-to-pr
team: payments
trigger:
  - slack: { event: app_mention, channel: "#support", started_by: [team:payments] }   # where they ask
  - github: { event: issue_opened, repo: acme/api, labels: [bug] }
repos:
  - acme/api: { write: ["src/**"] }
  - acme/docs
context: [{ repo: acme/docs, paths: ["**/*.md"] }]
approvals: [plan_review: { approvers: [team:payments] }, pr_approval]
actions: [github.open_pr]
runner: { pool: default }
`

describe('a template', () => {
  it('says what is particular to a team', () =>
    expect(blanksOf(source)).toEqual([
      { id: 'trigger/0/slack/channel', kind: 'condition', title: 'Slack: channel', value: '#support' },
      { id: 'repository:acme/api', kind: 'repository', title: 'Repository', value: 'acme/api' },
      { id: 'repository:acme/docs', kind: 'repository', title: 'Repository', value: 'acme/docs' },
      { id: 'team', kind: 'team', title: 'Team', value: 'payments' },
      { id: 'pool', kind: 'pool', title: 'Pool of runners', value: 'default' },
    ]))

  it('stays as it is, sign by sign, where nothing is said', () => {
    expect(fillTemplate(source, {})).toBe(source)
    expect(fillTemplate(source, { team: '', pool: ' ', other: 'x', constructor: 'y' })).toBe(source)
  })

  it('names the new repository, team, pool and channel in every place, and nothing else changes', () => {
    const filled = fillTemplate(source, {
      'trigger/0/slack/channel': '#help',
      'repository:acme/api': 'shop/web',
      team: 'web',
      pool: 'office',
    })
    expect(filled).toBe(
      source
        .replace('"#support"', '"#help"')
        .replaceAll('acme/api', 'shop/web')
        .replace('team: payments', 'team: web')
        .replaceAll('team:payments', 'team:web')
        .replace('pool: default', 'pool: office'),
    )
    expect(compileWorkflow(filled).ok).toBe(true)
  })

  it.each(['yes', '1.0', '# x', 'a: b', '{{ x }}', '"', "'", 'a\nb', '*x', '&x'])('holds %j as a text', (said) => {
    const filled = fillTemplate(source.replace('"#support"', 'support'), { 'trigger/0/slack/channel': said })
    expect(blanksOf(filled)[0]).toMatchObject({ id: 'trigger/0/slack/channel', value: said.trim() })
  })
})

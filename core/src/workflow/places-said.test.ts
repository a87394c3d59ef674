import { expect, test } from 'vitest'
import { placesSaid } from './places-said.ts'
import { compiled } from './testing/examples.ts'

test('whole names in triggers, rows of a route and actions, and no patterns nor repositories of our own', () =>
  expect(
    placesSaid(
      compiled(`name: w
repos: [acme/shop]
trigger:
  - slack: { event: app_mention, channel: [support, "#help"] }
  - linear: { event: issue_created, team: { not: Payments } }
  - github: { event: issue_opened, repo: { prefix: acme/ } }
  - jira: { event: issue_created, project: PAY }
route:
  - { when: { project: Checkout }, repo: acme/shop }
  - { when: { channel: support }, repo: acme/shop }
  - else: ask
actions:
  - slack.message: { channel: "#deploys", text: Done. }
  - linear.create: { team: OPS, title: Follow up }
  - github.create_issue: { repo: acme/shop, title: Follow up }
`),
    ).map(({ tool, name, as, where }) => [tool, name, as, where]),
  ).toEqual([
    ['slack', '#support', 'event', 'the trigger app_mention (channel)'],
    ['slack', '#help', 'event', 'the trigger app_mention (channel)'],
    ['linear', 'Payments', 'event', 'the trigger issue_created (team)'],
    ['jira', 'PAY', 'event', 'the trigger issue_created (project)'],
    ['jira', 'Checkout', 'event', 'row 1 of the route (project)'],
    ['slack', '#support', 'event', 'row 2 of the route (channel)'],
    ['slack', '#deploys', 'target', 'slack.message (channel)'],
    ['linear', 'OPS', 'target', 'linear.create (team)'],
  ]))

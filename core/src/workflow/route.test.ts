import { describe, expect, test } from 'vitest'
import { atEachPlace } from './at-place.ts'
import { compileWorkflow } from './compile.ts'
import { namesNeeded } from './connections.ts'
import { compiled, errorsOf } from './testing/examples.ts'

const head =
  'name: fix\nteam: core\ntrigger:\n  - linear: { event: issue_created }\n  - manual: { inputs: { part: string } }\n'
const map = `${head}route: { by: project, map: { Pay: acme/pay, Shop: { repo: acme/shop, team: web, pool: big, agent: codex } } }\n`
const rows = `${head}repos: [{ acme/pay: { write: ["src/**"] } }, { acme/docs: { access: read } }]
route:
  - when: { project: Pay }
    repo: acme/pay
    team: payments
  - when: { labels: [web, shop] }
    repo: acme/shop
  - else: { repo: acme/rest, team: ops }
`
const what = (text: string): string[] =>
  errorsOf(text).map(({ line, column, message }) => `${line}:${column} ${message}`)

describe('a route', () => {
  test('a map is rows on one field; a repository alone is a place', () => {
    expect(compiled(map).route).toEqual({
      rows: [
        { when: { project: { is: ['Pay'] } }, place: { repo: 'acme/pay', team: null, pool: null, agent: null } },
        { when: { project: { is: ['Shop'] } }, place: { repo: 'acme/shop', team: 'web', pool: 'big', agent: 'codex' } },
      ],
      otherwise: 'ask',
    })
    const long = `${head}route:\n  - { when: { project: Pay }, repo: acme/pay }\n  - { when: { project: { is: [Shop] } }, repo: acme/shop, team: web, pool: big, agent: codex }\n  - else: ask\n`
    const [a, b] = [map, long].map((text) => compileWorkflow(text))
    expect(a!.ok && b!.ok && a!.digest === b!.digest).toBe(true)
  })
  test('without one a workflow means what it meant', () => {
    const plain = compileWorkflow(`${head}repos: [acme/pay]\n`)
    expect(plain.ok && 'route' in plain.compiled).toBe(false)
  })
  test('its repositories are those that the workflow names: each as it is listed, each to be written', () =>
    expect(compiled(rows).repos.map(({ name, access, write }) => [name, access, write])).toEqual([
      ['acme/pay', 'write', ['src/**']],
      ['acme/docs', 'read', []],
      ['acme/shop', 'write', ['**']],
      ['acme/rest', 'write', ['**']],
    ]))
  test('at each place there is one repository to change, the team and the pool of the place', () => {
    const [pay, shop, rest] = atEachPlace(compiled(rows))
    expect([pay, shop, rest].map((at) => [at!.team, at!.repos.map(({ name }) => name)])).toEqual([
      ['payments', ['acme/pay', 'acme/docs']],
      ['core', ['acme/docs', 'acme/shop']],
      ['ops', ['acme/docs', 'acme/rest']],
    ])
    expect(pay!.steps.flatMap((step) => (step.kind === 'gate' ? step.approvers : []))).toEqual([
      'team:payments',
      'team:payments',
    ])
    const [, big] = atEachPlace(compiled(map))
    expect([big!.runner.pool, big!.steps.flatMap((step) => (step.kind === 'agent' ? [step.agent] : []))]).toEqual([
      'big',
      ['codex', 'codex'],
    ])
    expect(namesNeeded(pay!)).toMatchObject({ teams: ['payments'], repos: ['acme/docs', 'acme/pay'] })
    expect(atEachPlace(compiled(rows)).some((at) => 'route' in at)).toBe(false)
  })
  test('the summary says where, and what holds where no row fits', () => {
    const { summary } = compileWorkflow(rows) as { summary: { title: string; lines: { text: string }[] }[] }
    expect(summary.find(({ title }) => title === 'Goes to')!.lines.map(({ text }) => text)).toEqual([
      'Where project is Pay: acme/pay, team payments.',
      'Where labels is web or shop: acme/shop.',
      'Where no row fits: acme/rest, team ops. Where rows lead to different places, a person is asked.',
    ])
  })
})

describe('what is wrong with a route is said with its place', () => {
  test.each([
    [
      'a field that no trigger has',
      'route: { by: projekt, map: { Pay: acme/pay } }\n',
      /^6:\d+ No event that starts this has a field `projekt`\. Nearest: project\./,
    ],
    [
      'an input that nobody declares',
      'route: { by: inputs.parts, map: { Pay: acme/pay } }\n',
      /`inputs\.parts`\. Nearest: inputs\.part\./,
    ],
    ['a row that leads nowhere', 'route: [{ when: { project: Pay } }]\n', /leads nowhere/],
    ['a row without a condition', 'route: [{ repo: acme/pay }]\n', /A row needs `when`/],
    [
      'else before the end',
      'route: [{ else: ask }, { when: { project: Pay }, repo: acme/pay }]\n',
      /`else` stands alone in the last row/,
    ],
    [
      'a place without a repository beside others',
      'route: { by: project, map: { Pay: acme/pay, Shop: { team: web } } }\n',
      /Other places name a repository/,
    ],
    [
      'a condition of another kind',
      'route: [{ when: { priority: high }, repo: acme/pay }]\n',
      /`priority` is a number; `high` is not/,
    ],
    [
      'a repository that is only read',
      'repos: [{ acme/pay: { access: read } }]\nroute: { by: project, map: { Pay: acme/pay } }\n',
      /The route leads to acme\/pay to change it/,
    ],
    [
      'another repository to write',
      'repos: [{ acme/x: { write: ["a/**"] } }]\nroute: { by: project, map: { Pay: acme/pay } }\n',
      /the route chooses it; acme\/x can be read/,
    ],
    [
      'a word that is none',
      'route: { by: project, maps: { Pay: acme/pay } }\n',
      /`maps` is not a key of a route\. Nearest: map\./,
    ],
    [
      'a URL for a repository',
      'route: { by: project, map: { Pay: https://github.com/acme/pay } }\n',
      /is not a (place|repository)/,
    ],
  ])('%s', (_, text, wanted) => {
    const found = what(head + text)
    expect(found.length).toBeGreaterThan(0)
    expect(found.join('\n')).toMatch(wanted)
  })
  test('teams in some places need one of the workflow', () =>
    expect(
      what(
        (head + 'route: { by: project, map: { Pay: { repo: acme/pay, team: a }, Shop: acme/shop } }\n').replace(
          'team: core\n',
          '',
        ),
      ).join(),
    ).toMatch(/Other places name a team/))
})

test('keys of a map on a field that a sender may fill with anything fit the text and what else is written so', () => {
  const { route } = compiled(
    `name: fix\nteam: core\ntrigger: { webhook: { type: x } }\nroute: { by: data.level, map: { 1: acme/pay, "true": acme/shop, "01": acme/rest, "a, b": acme/rest } }\n`,
  )
  expect(route!.rows.map(({ when }) => when['data.level'])).toEqual([
    { is: ['1', 1] },
    { is: ['true', true] },
    { is: ['01'] },
    { is: ['a, b'] },
  ])
})

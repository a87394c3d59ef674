/**
 * Does somebody new connect each tool with the very line that its page prints, and does each mistake they may make answer in words that help?
 * The real program `viewport` against a control plane and the tools' emulators; only names, files and the address of the tool are put in.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { home, viewportOf } from '../../test/cli.ts'
import { testPlane } from '../../test/plane.ts'
import { emulatedGitHub, tokens as github } from './github/testing/emulated.ts'
import { emulatedGitLab, tokens as gitlab } from './gitlab/testing/emulated.ts'
import { emulatedJira, tokens as jira } from './jira/testing/emulated.ts'
import { emulatedLinear, keys } from './linear/testing/emulated.ts'
import { emulatedSlack, tokens as slack } from './slack/testing/emulated.ts'

const hub = await emulatedGitHub()
const lab = await emulatedGitLab()
const jir = await emulatedJira()
const lin = await emulatedLinear()
const sla = await emulatedSlack()
const { workspace } = await testPlane({ nearHosts: ['127.0.0.1', 'localhost'] })
const acme = await workspace('acme', ['payments'])
let viewport: Awaited<ReturnType<typeof viewportOf>>

type Newcomer = {
  readonly tool: string
  /** What stands in the line in place of what only acme has. */
  readonly puts: Readonly<Record<string, string>>
  readonly more: readonly string[]
  readonly files: Readonly<Record<string, string>>
  /** The first secret's name. */
  readonly secret: string
  /** The emulator takes any secret: what a wrong one brings is tried where the tool's own tests refuse it. */
  readonly takesAny?: true
  /** A list that names something which is not there. */
  readonly wrong: string
}
const tools: readonly Newcomer[] = [
  {
    tool: 'github',
    takesAny: true,
    puts: { 'acme/api,acme/web': 'acme/shop' },
    more: ['--set', `base=${hub.url}`],
    files: { 'token.txt': github.us },
    secret: 'token',
    wrong: 'repos=acme/nothing',
  },
  {
    tool: 'gitlab',
    puts: { 'acme/shop,acme/tools/web': 'acme/shop' },
    more: ['--set', `base=${lab.url}`],
    files: { 'token.txt': gitlab.us },
    secret: 'token',
    wrong: 'projects=acme/nothing',
  },
  {
    tool: 'linear',
    takesAny: true,
    puts: { 'key=-': 'key=key.txt' },
    more: ['--set', `base=${lin.url}`],
    files: { 'key.txt': keys.us },
    secret: 'key',
    wrong: 'teams=NOTHING',
  },
  {
    tool: 'jira',
    puts: { 'https://acme.atlassian.net': jir.url, 'viewport@acme.dev': 'us@acme.dev', 'token=-': 'token=token.txt' },
    more: [],
    files: { 'token.txt': jira.us },
    secret: 'token',
    wrong: 'projects=NOTHING',
  },
  {
    tool: 'slack',
    takesAny: true,
    puts: {},
    more: ['--set', `base=${sla.url}`],
    files: { 'bot.txt': slack.us, 'app.txt': slack.app },
    secret: 'token',
    wrong: 'channels=nothing',
  },
]

/** The line of the page that connects with a secret, word by word, with what acme has put in. */
const printed = ({ tool, puts, more }: Newcomer): string[] => {
  const page = readFileSync(new URL(`../../../docs/integrations/${tool}.md`, import.meta.url), 'utf8')
  const line = new RegExp(`\`viewport (connect ${tool} [^\`]*--secret [^\`]*)\``).exec(page)![1]!
  return [
    ...Object.entries(puts)
      .reduce((text, [from, to]) => {
        expect(text).toContain(from)
        return text.replace(from, to)
      }, line)
      .split(' '),
    ...more,
  ]
}
const connections = async (): Promise<{ tool: string; name: string }[]> =>
  (await acme.admin.get('/api/connections')).body.connections

beforeAll(async () => {
  viewport = await viewportOf(acme.admin)
}, 30_000)

describe.each(tools)('$tool', (one) => {
  const place = (files: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(home, name), `${text}\n`, { mode: 0o600 })
  }
  const words = printed(one)
  const at = words.findIndex((word) => word.startsWith(`${one.secret}=`))
  const file = words[at]!.split('=')[1]!
  const swapped = (to: string): string[] => words.map((word, n) => (n === at ? to : word))

  test.each<[mistake: string, change: () => string[], says: RegExp]>([
    ...(one.takesAny
      ? []
      : [
          [
            'a secret that is wrong',
            () => (place({ [file]: 'not-the-one' }), words),
            /does not accept it: .*token is wrong.* or .*revoked/,
          ] as [string, () => string[], RegExp],
        ]),
    ['a file that is not there', () => swapped(`${one.secret}=nowhere.txt`), /nowhere\.txt/],
    ['an empty file', () => (place({ [file]: '' }), words), /is empty|A token is needed/],
    [
      'a secret on the command line',
      () => words.map((word, n) => (n === at - 1 ? '--set' : n === at ? `${one.secret}=not-the-one` : word)),
      /--secret/,
    ],
    ['no secret', () => words.filter((_, n) => n !== at && n !== at - 1), new RegExp(one.secret)],
    ['a name that nobody knows', () => [...words, '--set', 'colour=red'], /colour/],
    [
      'a place that is not there',
      () => [
        ...words.filter(
          (word, n) =>
            !(word === '--set' && words[n + 1]!.startsWith(one.wrong.split('=')[0]!)) &&
            !word.startsWith(`${one.wrong.split('=')[0]!}=`),
        ),
        '--set',
        one.wrong,
      ],
      /nothing/i,
    ],
  ])('%s: a clear no, and nothing is kept', { timeout: 30_000 }, async (_mistake, change, says) => {
    place(one.files)
    const { code, out, err } = await viewport(...change())
    if (process.env['VIEWPORT_SHOW']) process.stderr.write(`--- ${one.tool}: ${_mistake}\n${err}${out}\n`)
    expect({ code: code === 0, out }).toEqual({ code: false, out: '' })
    expect(err).toMatch(says)
    expect(err.trim().length).toBeGreaterThan(40) // what, where and what to do
    expect(err).not.toMatch(/undefined|\[object|\n\s+at |TypeError|ZodError|not-the-one/)
    expect((await connections()).filter(({ tool }) => tool === one.tool)).toEqual([])
  })

  test('the printed line connects it, and says what is next', { timeout: 30_000 }, async () => {
    place(one.files)
    const { code, out, err } = await viewport(...words)
    if (process.env['VIEWPORT_SHOW']) process.stderr.write(`--- ${one.tool}\n${err}${out}\n`)
    expect({ code, err }).toMatchObject({ code: 0 })
    for (const secret of Object.values(one.files)) expect(out).not.toContain(secret)
    expect(err).toContain('Only from this machine can anything be sent to 127.0.0.1.') // a webhook would never come
    const listed = (await viewport('connections')).out.split('\n').find((line) => line.includes(`  ${one.tool}  `))
    expect(listed).toMatch(/is asked soon|asked (just now|\d+ s ago), nothing found yet|nothing came yet/)
    expect((await connections()).filter(({ tool }) => tool === one.tool)).toHaveLength(1)
  })
})

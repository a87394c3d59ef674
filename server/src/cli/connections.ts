/** `viewport connect` and `viewport connections`: the tools that this workspace works with. */
import { Option } from 'commander'
import type { z } from 'zod'
import type { ConnectionView, ToolView } from '@viewportai/core/api/connections'
import type { AddCommand } from './cli.ts'
import { hookReach } from '@viewportai/core/tools/hook-reach'
import { Stop } from './exit.ts'
import { idOf } from './id-of.ts'
import { readInput } from './input.ts'
import { afterChange, hoursIn, oldForFlag, oldForSays, oldLines } from './old-secret.ts'
import { ago, columns, inLine, type Terminal } from './terminal.ts'

type View = z.infer<typeof ConnectionView>
type Tool = z.infer<typeof ToolView>
type Options = {
  name?: string
  app?: boolean
  organization?: string
  onRunner?: boolean
  set: string[]
  secret: string[]
}
type Changes = Pick<Options, 'set' | 'secret'> & { oldFor?: string; by?: 'runner' | 'viewport'; forget: string[] }

const addOne = (one: string, before: string[]): string[] => [...before, one]

const help = `
A secret is read from a file, or with - from standard input, so that it stands in no history: --secret token=- . What a tool
needs is shown by \`viewport connect TOOL\` alone.

Examples:
  viewport connect github --app --organization acme
  viewport connect webhook --name ops --set url=https://ops.acme.example/hooks
  viewport connect github --on-runner
  viewport connections
  viewport connections check con_4c9k2e`

export const addConnections: AddCommand = (program, cli) => {
  program
    .command('connect')
    .description('connect an outside tool; without a name and settings: what it needs')
    .argument('[tool]', 'which tool; without it: those there are')
    .option('--name <name>', 'what the connection is called (default: the tool)')
    .option('--set <setting=value>', 'a setting; may be given several times', addOne, [])
    .option('--app', 'github: an App that GitHub makes for you; the answer names a page to open')
    .option('--organization <name>', 'with --app: whose App it will be (default: your own)')
    .option('--secret <secret=file>', 'a secret, from a file or - ; may be given several times', addOne, [])
    .option('--on-runner', 'a runner holds the credential: nothing that acts is given here')
    .addHelpText('after', help)
    .action(async (tool: string | undefined, { name, app, organization, onRunner = false, set, secret }: Options) => {
      const { terminal, api } = cli()
      const { tools } = await api().tools()
      if (tool === undefined)
        return terminal.give({ tools }, () => {
          for (const one of tools) terminal.line(`${one.tool}: ${one.title}`)
          terminal.note('viewport connect TOOL says what one needs.')
        })
      const known = tools.find((one) => one.tool === tool)
      if (!known)
        throw new Stop(
          'usage',
          `There is no tool ${tool} to connect.`,
          `There are ${tools.map((one) => one.tool).join(', ')}.`,
        )
      if (app || organization !== undefined) {
        if (tool !== 'github' || !app || secret.length > 0 || onRunner)
          throw new Stop(
            'usage',
            'Only GitHub makes an App, and it brings its own secrets, which this Viewport keeps.',
            'Use viewport connect github --app, with --organization NAME and --set base=https://HOST/api/v3 where they are meant.',
          )
        const { base = 'https://api.github.com', ...more } = pairs(set, known, false)
        const odd = Object.keys(more)[0]
        if (odd !== undefined) throw new Stop('usage', `${odd} is not said before the App is there.`, 'Leave it out.')
        const begun = await api().startApp({
          body: { name: name ?? tool, base, organization: organization ?? null },
        })
        return terminal.give(begun, () => {
          terminal.line(begun.page)
          terminal.note('Open it in a browser where you are signed in to this Viewport. It is good for an hour.')
        })
      }
      if (name === undefined && set.length === 0 && secret.length === 0 && !onRunner)
        return terminal.give(known, () => showNeeds(terminal, known))
      const values = { ...pairs(set, known, false), ...(await secretsIn(pairs(secret, known, true))) }
      if (!onRunner) nothingLacks(known, values)
      const made = await api().addConnection({
        body: { tool, name: name ?? tool, values, ...(onRunner && { held: true }) },
      })
      terminal.give(made, () => {
        showOne(terminal, made.connection)
        for (const note of made.notes) terminal.note(note)
        tellMade(terminal, made.made)
        if (known.hook !== null && made.connection.url !== null) {
          terminal.note(known.hook.replaceAll('{url}', made.connection.url))
          const reach = hookReach(made.connection.url)
          if (reach !== null) terminal.note(reach)
        }
      })
    })
  const connections = program
    .command('connections')
    .description('list, change, check and remove connections to tools, and change what their webhooks are signed with')
  connections
    .command('list', { isDefault: true })
    .description('the connections of this workspace')
    .action(async () => {
      const { terminal, api } = cli()
      const found = await api().connections()
      terminal.give(found, () => {
        if (found.connections.length === 0) terminal.line('Nothing is connected. See what can be: viewport connect')
        for (const line of columns(
          found.connections.map((one) => [
            one.id,
            one.tool,
            inLine(one.name),
            one.problem === null
              ? `${one.account === null ? 'works' : `as ${inLine(one.account)}`}${one.held === null ? '' : ` on ${holdersOf(one)}`}`
              : inLine(one.problem),
            heardWords(one),
          ]),
        ))
          terminal.line(line)
        for (const one of found.connections)
          for (const line of [
            ...wrongLines(one).map((line) => `${inLine(one.name)}: ${line}`),
            ...lostLines(one),
            ...oldLines(one.oldSecrets, goesOut(one)).map((line) => `${inLine(one.name)}: ${line}`),
          ])
            terminal.line(terminal.paint('wait', line))
      })
    })
  connections
    .command('change')
    .description('change settings or secrets; what is left out stays, except a secret that would go to another address')
    .argument('<connection>', 'its id, or its name')
    .option('--set <setting=value>', 'a setting; may be given several times', addOne, [])
    .option('--secret <secret=file>', 'a secret, from a file or - ; may be given several times', addOne, [])
    .addOption(
      new Option(
        '--by <who>',
        'who holds the credential from now on: what acted is erased here, or given with --secret',
      ).choices(['runner', 'viewport']),
    )
    .option(
      '--forget <owner/name>',
      'another repository has this name since, and it is meant; may be given several times',
      addOne,
      [],
    )
    .option(oldForFlag, `where the secret that signs webhooks is changed: ${oldForSays}`)
    .action(async (word: string, { set, secret, by, forget, oldFor }: Changes) => {
      const { terminal, api } = cli()
      const oldHours = hoursIn(oldFor)
      if (set.length === 0 && secret.length === 0 && by === undefined && forget.length === 0)
        throw new Stop(
          'usage',
          'Say what changes.',
          'Use --set NAME=VALUE, --secret NAME=FILE, --by runner or --forget OWNER/NAME.',
        )
      const { connections: all } = await api().connections()
      const connection = idOf('connections', word, all)
      const { tools } = await api().tools()
      const tool = tools.find((known) => known.tool === all.find((one) => one.id === connection)?.tool) ?? null
      const values = { ...pairs(set, tool, false), ...(await secretsIn(pairs(secret, tool, true))) }
      const changed = await api().changeConnection({
        params: { connection },
        body: {
          values,
          ...(by && { held: by === 'runner' }),
          ...(forget.length > 0 && { forget }),
          ...(oldHours !== undefined && { oldHours }),
        },
      })
      terminal.give(changed, () => {
        showOne(terminal, changed.connection)
        for (const note of changed.notes) terminal.note(note)
        tellMade(terminal, changed.made)
      })
    })
  connections
    .command('rotate')
    .description('make a new webhook secret, shown once; the one before is taken, or signs as well, for a while')
    .argument('<connection>', 'its id, or its name')
    .option(oldForFlag, oldForSays)
    .action(async (word: string, { oldFor }: { oldFor?: string }) => {
      const { terminal, api } = cli()
      const oldHours = hoursIn(oldFor)
      const connection = idOf('connections', word, (await api().connections()).connections)
      const made = await api().rotateConnection({
        params: { connection },
        body: oldHours === undefined ? {} : { oldHours },
      })
      terminal.give(made, () => {
        tellMade(terminal, made.made)
        for (const line of afterChange(
          made.connection.oldSecrets,
          `viewport connections end-old ${connection}`,
          goesOut(made.connection),
        ))
          terminal.note(line)
      })
    })
  connections
    .command('end-old')
    .description('end the webhook secrets of before now: only the newest is taken, or signs')
    .argument('<connection>', 'its id, or its name')
    .action(async (word: string) => {
      const { terminal, api } = cli()
      const connection = idOf('connections', word, (await api().connections()).connections)
      await api().endOldConnectionSecrets({ params: { connection } })
      terminal.give({ connection, ended: true }, () => terminal.line(`${connection} has its newest secret alone.`))
    })
  connections
    .command('check')
    .description('ask the tool whether the connection works')
    .argument('<connection>', 'its id, or its name')
    .action(async (word: string) => {
      const { terminal, api } = cli()
      const connection = idOf('connections', word, (await api().connections()).connections)
      const view = await api().checkConnection({ params: { connection } })
      terminal.give(view, () => showOne(terminal, view))
      if (view.problem !== null) throw new Stop('refused', `${view.tool} ${view.name} does not work.`)
    })
  connections
    .command('remove')
    .description('remove a connection; its secrets are erased')
    .argument('<connection>', 'its id, or its name')
    .option('--yes', 'also while runs use it')
    .action(async (word: string, { yes }: { yes?: true }) => {
      const { terminal, api } = cli()
      const connection = idOf('connections', word, (await api().connections()).connections)
      await api().removeConnection({ params: { connection }, query: yes ? { confirmed: 'true' } : {} })
      terminal.give({ connection, removed: true }, () =>
        terminal.line(`${connection} is removed, and its secrets are erased.`),
      )
    })
}

const showNeeds = (terminal: Terminal, tool: Tool): void => {
  terminal.line(`${tool.title} takes:`)
  for (const line of columns(
    tool.fields.map((field) => [
      `  ${field.secret ? '--secret' : '--set'} ${field.name}=${field.secret ? 'FILE' : 'VALUE'}`,
      field.required && field.otherwise === null
        ? 'needed'
        : field.otherwise === 'made'
          ? 'made for you'
          : (field.otherwise ?? 'may be left out'),
      field.says,
    ]),
  ))
    terminal.line(line)
  // Only a chat has places where nothing was said before.
  if (tool.tool === 'slack')
    terminal.line("  --set home=CHANNEL, home.TEAM=CHANNEL: where messages of (a team's) runs go that have no thread")
  if (tool.make !== null) {
    terminal.line('')
    terminal.line(tool.make.words)
    terminal.line(`  ${tool.make.link}`)
    terminal.line('or by hand, there, from this manifest:')
    for (const line of tool.make.text.split('\n')) terminal.line(line)
  }
  if (tool.hook !== null) terminal.note(tool.hook.replaceAll('{url}', 'the address that is printed then'))
}

const tellMade = (terminal: Terminal, made: Readonly<Record<string, string>>): void => {
  for (const [key, value] of Object.entries(made)) {
    terminal.line(`${key}: ${value}`)
    terminal.note('That secret was made for you. It is not shown again.')
  }
}

const showOne = (terminal: Terminal, view: View): void => {
  terminal.line(
    `${view.id}  ${view.tool}  ${inLine(view.name)}${view.account === null ? '' : `, as ${inLine(view.account)}`}`,
  )
  if (view.url !== null) terminal.line(`webhooks to ${view.url}`)
  if (view.lineAt !== null) terminal.line(`its line stood ${ago(view.lineAt)}`)
  for (const poll of view.polls)
    terminal.line(`asked about: ${inLine(poll.stream)}${poll.askedAt === null ? '' : `, ${ago(poll.askedAt)}`}`)
  for (const line of [...wrongLines(view), ...lostLines(view), ...oldLines(view.oldSecrets, goesOut(view))])
    terminal.line(terminal.paint('wait', line))
  if (view.held?.runners.length === 0) terminal.line(`on a runner: ${inLine(view.held.command)}`)
  for (const one of view.held?.runners ?? [])
    terminal.line(
      `held by the runner ${inLine(one.name)}${one.online ? '' : ' (away)'}, for ${one.actions.map(inLine).join(', ')}`,
    )
  if (view.held && view.held.without !== null) terminal.note(inLine(view.held.without))
  if (view.problem !== null && view.held === null) terminal.line(terminal.paint('stop', inLine(view.problem)))
}

/** Does its secret sign what goes out, and not what comes in? */
const goesOut = ({ tool }: Pick<View, 'tool'>): boolean => tool === 'webhook'

/** By which way something came last, and when; where nothing came yet, by which way it would. */
const heardWords = ({ heard, polls, lineAt, url }: View): string => {
  const ways = [
    ['by webhook', heard.webhook],
    ['by asking', heard.asked],
    ['over its line', heard.line],
  ] as const
  const last = ways.reduce((best, one) => ((one[1] ?? -1) > (best[1] ?? -1) ? one : best))
  if (last[1] !== null) return `${ago(last[1])} ${last[0]}`
  if (url === null) return ''
  if (lineAt !== null) return 'its line stands, nothing came yet'
  const asked = polls.flatMap((poll) => poll.askedAt ?? [])
  if (asked.length > 0) return `asked ${ago(Math.max(...asked))}, nothing found yet`
  return polls.length > 0 ? 'is asked soon' : 'nothing came yet: its webhook is to be set up there'
}

/** What is wrong now with how it is heard. */
const wrongLines = ({ heard, polls }: View): string[] => [
  ...((heard.refused ?? 0) > Math.max(heard.webhook ?? 0, heard.line ?? 0)
    ? [`what came ${ago(heard.refused!)} was refused: see \`viewport deliveries --outcome refused\``]
    : []),
  ...polls.flatMap(({ stream, problem }) =>
    problem === null ? [] : [`asking about ${inLine(stream)} does not work now: ${inLine(problem)}`],
  ),
]

/** What happened and was not looked at by asking, of the last days. */
const lostLines = ({ name, polls }: View): string[] =>
  polls.flatMap(({ lost }) =>
    lost === null ? [] : [`${inLine(name)}, not looked at, ${ago(lost.at)}: ${inLine(lost.what)}`],
  )

const holdersOf = ({ held }: View): string => (held?.runners ?? []).map(({ name }) => inLine(name)).join(', ')

/** `name=value` pairs. A secret named as a setting would stand in the shell's history: it is refused. */
const pairs = (given: readonly string[], tool: Tool | null, secret: boolean): Record<string, string> =>
  Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf('=')
      const name = one.slice(0, at)
      if (at < 1) throw new Stop('usage', `"${one}" is not of the form name=${secret ? 'FILE' : 'value'}.`)
      const field = tool?.fields.find((known) => known.name === name)
      if (tool && !field && !/^home(\.|$)/.test(name))
        throw new Stop(
          'usage',
          `${tool.title} knows no ${inLine(name)}.`,
          `It takes ${tool.fields.map((known) => known.name).join(', ')}; viewport connect ${tool.tool} says what each is.`,
        )
      if (field?.secret && !secret)
        throw new Stop(
          'usage',
          `${name} is a secret.`,
          `Use --secret ${name}=FILE, or --secret ${name}=- to type it in.`,
        )
      if (field && !field.secret && secret) throw new Stop('usage', `${name} is a setting.`, `Use --set ${name}=VALUE.`)
      return [name, one.slice(at + 1)]
    }),
  )

/** Throws when something is missing without which the tool cannot be asked. */
const nothingLacks = (tool: Tool, values: Readonly<Record<string, string>>): void => {
  const lacks = tool.fields.find(({ name, required, otherwise }) => required && otherwise === null && !values[name])
  if (!lacks) return
  const { name, title, says, secret } = lacks
  throw new Stop(
    'usage',
    `${tool.title} was not connected: ${name} is ${values[name] === '' ? 'empty' : 'missing'}.`,
    `${title}: ${says} Give it with ${secret ? `--secret ${name}=FILE` : `--set ${name}=VALUE`}.`,
  )
}

const secretsIn = async (files: Readonly<Record<string, string>>): Promise<Record<string, string>> => {
  const read: Record<string, string> = {}
  for (const [name, file] of Object.entries(files)) read[name] = (await readInput(file, 65_536)).trim()
  return read
}

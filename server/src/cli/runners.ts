/** `viewport runners`: which machines do the work; let one in, change what it may use, drain it, remove it. */
import { trimmed } from '@viewportai/core/trimmed'
import type { Api } from './connect.ts'
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'
import { ago, columns, inLine } from './terminal.ts'

const examples = `
A runner is paired on its own machine with \`vpd pair\`, which prints a code and three words.

Examples:
  viewport runners
  viewport runners approve A4-X91-7QH --name payments-vps --pool payments-secure --repo acme/api --words "copper owl lagoon"
  viewport runners change payments-vps --add acme/web
  viewport runners change laptop --accept-no-wall
  viewport runners drain payments-vps`

type Runner = Awaited<ReturnType<Api['runners']>>['runners'][number]
type Approval = { name?: string; pool?: string; repo?: string[]; words: string; acceptNoWall?: boolean }
type Change = {
  add?: string[]
  remove?: string[]
  repo?: string[]
  pool?: string
  acceptNoWall?: boolean
  requireWall?: boolean
  lookedAfter?: boolean
}

export const addRunners: AddCommand = (program, cli) => {
  const runners = program
    .command('runners')
    .description('list runners, let one in, change, drain or remove one')
    .addHelpText('after', examples)
  runners
    .command('list', { isDefault: true })
    .description('the runners and what they do')
    .action(async () => {
      const { terminal, api } = cli()
      const found = await api().runners()
      terminal.give(found, () => {
        if (found.runners.length === 0)
          terminal.line('There are no runners. On the machine that shall do the work: vpd pair --worker')
        const rows = found.runners.map((runner) => [
          inLine(runner.name),
          runner.online
            ? terminal.paint('done', runner.draining ? 'draining' : 'online')
            : terminal.paint('dim', runner.lastSeen === null ? 'never seen' : `away, ${ago(runner.lastSeen)}`),
          inLine(runner.pool),
          runner.transport,
          runner.capabilities.agents
            .filter((agent) => agent.usable)
            .map((agent) => inLine(agent.name))
            .join(', '),
          listed(runner),
        ])
        for (const line of columns(rows)) terminal.line(line)
        for (const runner of found.runners)
          for (const line of warnings(runner)) terminal.line(terminal.paint(runner.doubled ? 'stop' : 'wait', line))
      })
    })
  runners
    .command('approve')
    .description('let a runner in that shows this code')
    .argument('<code>', 'as `vpd pair` prints it')
    .requiredOption('--words <words>', 'the three words that `vpd pair` prints; they name its key')
    .option('--name <name>', 'how it is called (default: what it asks for, else its host)')
    .option('--pool <pool>', 'the pool it works in (default: what it asks for, else "local")')
    .option('--repo <name...>', 'the repositories it may use (default: all there are)')
    .option('--accept-no-wall', 'let agents work there though nothing walls them off from its machine')
    .action(async (code: string, options: Approval) => {
      const { terminal, api } = cli()
      const reach = api()
      const pairing = await reach.findPairing({ body: { code } })
      const words = options.words.trim().split(/[\s,]+/)
      if (words.join(' ') !== pairing.words.join(' '))
        throw new Stop(
          'refused',
          `The words differ: the runner with this code shows ${pairing.words.join(' ')}.`,
          'Look at the terminal of the runner. If its words are not these, somebody else has this code: do not approve.',
        )
      const name = options.name ?? pairing.name ?? nameFrom(pairing.capabilities.host)
      const pool = options.pool ?? pairing.pool ?? 'local'
      const repositories = options.repo ?? (await reach.repositories()).repositories.map((repo) => repo.name)
      const { runner } = await reach.decidePairing({
        params: { pairing: pairing.id },
        body: {
          verdict: 'approve',
          name,
          pool,
          repositories,
          words: pairing.words,
          ...(options.acceptNoWall && { acceptNoWall: true }),
        },
      })
      const bare = pairing.capabilities.isolation.level === 'none' && !options.acceptNoWall
      terminal.give({ runner, name, pool, repositories }, () => {
        terminal.line(`${name} is paired, in the pool ${pool}, for ${repositories.join(', ') || 'no repository'}.`)
        if (bare) terminal.line(terminal.paint('wait', noWallWords(name)))
      })
    })
  runners
    .command('change')
    .description('change which repositories it may use, its pool, or whether agents work there without a wall')
    .argument('<name>', 'its name or id')
    .option('--add <repo...>', 'let it use these as well')
    .option('--remove <repo...>', 'no longer these')
    .option('--repo <name...>', 'exactly these')
    .option('--pool <pool>', 'the pool it works in')
    .option('--accept-no-wall', 'let agents work there though nothing walls them off from its machine')
    .option('--require-wall', 'no longer: agents work there only behind a wall')
    .option('--looked-after', 'close the alarm about its key')
    .action(async (name: string, options: Change) => {
      const { terminal, api } = cli()
      if (Object.keys(options).length === 0)
        throw new Stop('usage', 'Say what changes.', 'For example: viewport runners change payments-vps --add acme/api')
      if (options.repo && (options.add || options.remove))
        throw new Stop('usage', '--repo names all of them; --add and --remove change what is there. Use one way.')
      if (options.acceptNoWall && options.requireWall)
        throw new Stop('usage', '--accept-no-wall and --require-wall are opposites. Use one.')
      const reach = api()
      const before = await theRunner(reach, name)
      const kept = before.repositories.filter((repo) => !options.remove?.includes(repo))
      const stranger = options.remove?.find((repo) => !before.repositories.includes(repo))
      if (stranger !== undefined)
        throw new Stop('usage', `${before.name} may not use ${stranger} anyway.`, `It may use ${listed(before)}.`)
      const after = await reach.changeRunner({
        params: { runner: before.id },
        body: {
          ...((options.repo || options.add || options.remove) && {
            repositories: options.repo ?? [...new Set([...kept, ...(options.add ?? [])])],
          }),
          ...(options.pool && { pool: options.pool }),
          ...((options.acceptNoWall || options.requireWall) && { acceptNoWall: options.acceptNoWall === true }),
          ...(options.lookedAfter && { lookedAfter: true as const }),
        },
      })
      terminal.give(after, () => {
        terminal.line(`${inLine(after.name)} works in the pool ${inLine(after.pool)} and may use ${listed(after)}.`)
        for (const line of warnings(after)) terminal.line(terminal.paint('wait', line))
      })
    })
  for (const [word, drain] of [
    ['drain', true],
    ['undrain', false],
  ] as const) {
    runners
      .command(word)
      .description(drain ? 'give it no new work' : 'give it work again')
      .argument('<name>', 'its name or id')
      .action(async (name: string) => {
        const { terminal, api } = cli()
        const reach = api()
        const runner = await runnerId(reach, name)
        await reach.drainRunner({ params: { runner }, body: { drain } })
        terminal.give({ runner, drain }, () =>
          terminal.line(drain ? `${name} gets no new work.` : `${name} gets work again.`),
        )
      })
  }
  runners
    .command('remove')
    .description('refuse it from now on')
    .argument('<name>', 'its name or id')
    .action(async (name: string) => {
      const { terminal, api } = cli()
      const reach = api()
      const runner = await runnerId(reach, name)
      await reach.removeRunner({ params: { runner } })
      terminal.give({ runner, removed: true }, () => terminal.line(`${name} is removed; its next call is refused.`))
    })
}

const listed = ({ repositories }: Runner): string => repositories.map(inLine).join(', ') || 'no repository'

const noWallWords = (name: string): string =>
  `Nothing walls agents off from the machine of ${inLine(name)}, so it gets no work for agents. A wall: \`vpd doctor\` there says how. Without one: viewport runners change ${inLine(name)} --accept-no-wall`

/** What somebody should know about this runner before they trust it. */
const warnings = ({ name, online, capabilities, transport, noWall, doubled }: Runner): string[] => [
  ...(doubled ? [`${inLine(name)}: ${inLine(doubled.why)} ${doubledSteps(name)}`] : []),
  ...(capabilities.isolation.level !== 'none'
    ? []
    : noWall
      ? [`${inLine(name)}: ${inLine(noWall.by)} accepted it without a wall; gates of its runs are advisory.`]
      : [noWallWords(name)]),
  ...(online && capabilities.transport === 'relay' && transport === 'polling'
    ? [`${inLine(name)}: its relay cannot be used now, so it polls. Why: \`vpd doctor\` there.`]
    : []),
]

const doubledSteps = (name: string): string =>
  `If the key was copied: viewport runners remove ${inLine(name)}, then pair the machine anew. If you know both programs, end one, then: viewport runners change ${inLine(name)} --looked-after`

const runnerId = async (api: Api, name: string): Promise<string> => (await theRunner(api, name)).id

const theRunner = async (api: Api, name: string): Promise<Runner> => {
  const { runners } = await api.runners()
  const found = runners.filter((runner) => runner.id === name || runner.name === name)
  if (found.length === 1) return found[0]!
  throw new Stop(
    'usage',
    found.length === 0 ? `There is no runner ${name}.` : `${found.length} runners are called ${name}: use the id.`,
    runners.length === 0
      ? 'No runner is paired.'
      : `These are paired: ${runners.map((runner) => `${inLine(runner.name)} (${runner.id})`).join(', ')}.`,
  )
}

const nameFrom = (host: string): string =>
  trimmed(host.toLowerCase().replace(/[^a-z0-9-]+/g, '-'), '-').slice(0, 63) || 'runner'

/**
 * What does a workflow say, in sentences a team lead reads?
 * A reading of the compiled form alone: two spellings of one meaning give one summary. It never decides anything.
 */
import { z } from 'zod'
import { actionForm } from '../action/actions.ts'
import { capOf, isCapped } from '../action/caps.ts'
import { sayDuration, sayTokens } from './amounts.ts'
import type { Compiled, ContextWish } from './compiled.ts'
import { breakerOf, type Breaker } from './breaker.ts'
import { tools } from '../event/tools.ts'
import { defaults } from './defaults.ts'
import { statusPlaces, statusTools } from './status-places.ts'
import { either, line, lineAbout, merged, sameList, type Line } from './summary/line.ts'
import { sayRoute } from './summary/route.ts'
import { sayAction, sayApprover, sayGate, sayStep } from './summary/steps.ts'
import { sayTrigger } from './summary/triggers.ts'

const summaryKeys = [
  'starts',
  'goes',
  'touches',
  'protected',
  'context',
  'steps',
  'asks',
  'does',
  'runs_on',
  'stops_at',
] as const
/** Sentences by group, in reading order. `default`: it holds when nothing is said, so nobody may have thought of it. */
export const Summary = z.array(
  z.strictObject({
    key: z.enum(summaryKeys),
    title: z.string(),
    lines: z.array(z.strictObject({ text: z.string(), default: z.boolean() })),
  }),
)
export type Summary = z.infer<typeof Summary>

/** What a workspace has switched on, which the compiled form does not say. `agentSettings`: repositories whose own settings agents may load, and their default branches. */
export type Switched = { readonly agentSettings: readonly { readonly name: string; readonly branch: string }[] }

/** The sentences of every group. `switched`: left out where nobody knows the workspace. */
export const summarize = (compiled: Compiled, switched: Switched = { agentSettings: [] }): Summary =>
  groups(compiled, switched).map(({ key, title, lines }) => ({ key, title, lines: merged(lines) }))

const groups = (
  compiled: Compiled,
  switched: Switched,
): { key: (typeof summaryKeys)[number]; title: string; lines: Line[] }[] => [
  { key: 'starts', title: 'Starts when', lines: compiled.triggers.flatMap(sayTrigger) },
  ...(compiled.route ? [{ key: 'goes' as const, title: 'Goes to', lines: sayRoute(compiled) }] : []),
  { key: 'touches', title: 'May touch', lines: touches(compiled, switched) },
  { key: 'protected', title: 'Protected', lines: protections(compiled) },
  {
    key: 'context',
    title: 'Context',
    lines:
      compiled.context.length === 0
        ? [line('No context besides the repositories themselves.', true)]
        : compiled.context.map((wish) => line(sayWish(wish))),
  },
  { key: 'steps', title: 'Steps', lines: compiled.steps.flatMap((step) => sayStep(step, compiled)) },
  { key: 'asks', title: 'Asks', lines: asks(compiled) },
  { key: 'does', title: 'May do', lines: [...does(compiled), ...tells(compiled)] },
  { key: 'runs_on', title: 'Runs on', lines: runsOn(compiled) },
  { key: 'stops_at', title: 'Stops at', lines: stopsAt(compiled) },
]

/** Agents work in one repository, and only its settings are meant: the one that a change goes to, else the first. */
const ownSettings = ({ repos, steps }: Compiled, { agentSettings }: Switched): Line[] => {
  const worked = repos.find((repo) => repo.access === 'write') ?? repos[0]
  const known = agentSettings.find(({ name }) => name === worked?.name)
  const isBase =
    known && !worked?.fromEvent && [null, known.branch, `refs/heads/${known.branch}`].includes(worked?.ref ?? null)
  return isBase && steps.some(({ kind }) => kind === 'agent')
    ? [
        line(
          `Agents load the settings that ${known.name} has for them (hooks and servers, which are programs) as they are on ${known.branch}, where the runner trusts it too; never in a run that outside text reached.`,
        ),
      ]
    : []
}

const touches = (compiled: Compiled, switched: Switched): Line[] => {
  const { repos, route } = compiled
  if (repos.length === 0) return [line('No repository.', true)]
  const target = route?.rows.some(({ place }) => place.repo !== null)
    ? null
    : repos.find((repo) => repo.access === 'write')
  const lines = repos.flatMap((repo) => [
    line(
      repo.access === 'read'
        ? `Read ${repo.name}.`
        : repo === target
          ? `Write to ${repo.name}; the change goes there.`
          : `Write to ${repo.name}${target === null ? ', where the route leads there' : ''}.`,
    ),
    repo.fromEvent
      ? line(`From the branch or pull request of ${repo.name} that the event is about, else from its default branch.`)
      : repo.ref === null
        ? line(`From the default branch of ${repo.name}.`, true)
        : line(`From ${repo.ref} of ${repo.name}.`),
    ...(repo.access === 'read'
      ? []
      : [
          sameList(repo.write, defaults.write)
            ? line(`Any file of ${repo.name} may change.`, true)
            : line(`Only ${repo.write.join(', ')} may change in ${repo.name}.`),
        ]),
  ])
  return [...lines, ...ownSettings(compiled, switched)]
}

const protections = ({ repos }: Compiled): Line[] => {
  const always = line(
    `.github, CODEOWNERS, .viewport, agents' own settings, and what editors, installs and builds run by themselves (${defaults.protect.length} patterns): one approver more.`,
    true,
  )
  const own = repos.flatMap((repo) => {
    const more = repo.protect.filter((glob) => !defaults.protect.includes(glob))
    return more.length === 0 ? [] : [line(`${more.join(', ')} in ${repo.name}: one approver more.`)]
  })
  return repos.some((repo) => repo.access === 'write') ? [always, ...own] : [line('Nothing is written.')]
}

const sayWish = (wish: ContextWish): string => {
  if (wish.kind === 'name') return `${wish.name}.`
  if (wish.kind === 'history') return `Earlier runs: ${wish.of}.`
  return `${wish.max === null ? '' : `At most ${wish.max} of `}${wish.paths.join(', ')} in ${wish.repo}.`
}

const asks = (compiled: Compiled): Line[] => {
  const { steps } = compiled
  const gates = steps.flatMap((step) => (step.kind === 'gate' ? sayGate(step, compiled) : []))
  const notes = steps.flatMap((step) =>
    step.kind === 'remember'
      ? [lineAbout(step.id, `one of ${either(step.approvers.map(sayApprover))} before it is remembered.`)]
      : [],
  )
  return gates.length + notes.length === 0
    ? [line('Nobody. Nothing waits for a person, except commands that are asked and questions.')]
    : [...gates, ...notes]
}

const does = ({ steps }: Compiled): Line[] => {
  const actions = steps.flatMap((step) => (step.kind === 'action' ? sayAction(step, steps) : []))
  return actions.length === 0 ? [line('Nothing outside; what it makes stays with the run.', true)] : actions
}

/** Of the tools it starts from: whether one message there says how a run goes. */
const tells = (compiled: Compiled): Line[] => {
  const from = [...new Set(compiled.triggers.map(({ tool }) => tool))].filter((tool) =>
    (statusTools as readonly string[]).includes(tool),
  )
  const places = statusPlaces(compiled)
  return from.map((tool) =>
    line(
      places.includes(tool)
        ? `One message ${tool === 'slack' ? 'in the thread in Slack' : `below the issue in ${tools[tool]!.title}`} says how a run goes, and is changed as it goes on.`
        : `${tools[tool]!.title} is not told how a run goes.`,
      compiled.status === undefined,
    ),
  )
}

const reach = (who: string, hosts: readonly string[] | undefined): Line =>
  hosts === undefined
    ? line(`${who} reach the hosts that the runner allows.`, true)
    : line(
        hosts.length === 0
          ? `${who} reach no host.`
          : `${who} reach ${hosts.join(', ')}, if the runner allows it, and no other host.`,
      )

const runsOn = ({ runner, network }: Compiled): Line[] => [
  runner.pool === null ? line("The workspace's default pool.", true) : line(`Pool ${runner.pool}.`),
  runner.isolation === null
    ? line('With the isolation its runner has; every run shows which.', true)
    : line(
        {
          none: 'Without a wall: the agent runs as the runner itself.',
          user: 'At least as another user.',
          sandbox: 'At least in a sandbox.',
          container: 'In a sandbox inside a container.',
        }[runner.isolation],
      ),
  ...(runner.requires.length === 0 ? [] : [line(`Needs ${runner.requires.join(', ')}.`)]),
  ...(network ? [reach('Agents', network.agents), reach('Checks', network.checks)] : []),
]

const breaks = (compiled: Compiled): Line[] => {
  const breaker = breakerOf(compiled)
  const { starts, withinSeconds, chain, unchanged, cooldownSeconds } = breaker
  const usual = (...keys: (keyof Breaker)[]): boolean => keys.every((key) => breaker[key] === defaults.breaker[key])
  return [
    line(
      `${starts} starts by the same issue, pull request or thread within ${sayDuration(withinSeconds)}; the next one asks a person, and for ${sayDuration(cooldownSeconds)} nothing more of it starts.`,
      usual('starts', 'withinSeconds', 'cooldownSeconds'),
    ),
    line(
      `${chain} ${chain === 1 ? 'run' : 'runs'} in a row that woke each other; the next one asks a person.`,
      usual('chain'),
    ),
    line(
      `${unchanged} ${unchanged === 1 ? 'round' : 'rounds'} in a row in which a step that was sent back brings the same change; then a person is asked.`,
      usual('unchanged'),
    ),
  ]
}

const stopsAt = ({ budget, concurrency, ...compiled }: Compiled): Line[] => [
  budget.usd === null
    ? line('No cap in dollars.')
    : line(`$${budget.usd.toFixed(2)}.`, budget.usd === defaults.budget.usd),
  line(
    `${sayDuration(budget.seconds)} of work; waiting for a person does not count.`,
    budget.seconds === defaults.budget.seconds,
  ),
  budget.tokens === null ? line('No cap in tokens.', true) : line(`${sayTokens(budget.tokens)} tokens.`),
  concurrency === null
    ? line('Any number of runs at once.', true)
    : line(
        `${concurrency.limit} ${concurrency.limit === 1 ? 'run' : 'runs'} at once${concurrency.key === defaults.concurrency.key ? '' : ` for each ${concurrency.key}`}; ${{ queue: 'a further one waits', replace: 'a further one replaces the oldest', skip: 'a further one is not started' }[concurrency.whenFull]}.`,
      ),
  ...breaks({ budget, concurrency, ...compiled }),
  ...capLines({ budget, concurrency, ...compiled }),
]

/** How often each action it takes may be done. */
const capLines = (compiled: Compiled): Line[] =>
  [...new Set(compiled.steps.flatMap((step) => (step.kind === 'action' ? [step.action] : [])))]
    .filter(isCapped)
    .map((action) => {
      const cap = capOf(compiled, action)
      const often = (n: number): string => (n === 0 ? 'never' : `at most ${n === 1 ? 'once' : `${n} times`}`)
      return lineAbout(
        action,
        cap.hour === null
          ? `${often(cap.run)} in one run, and in an hour as often as the workspace allows (${actionForm(action)!.perHour} unless it chose otherwise).`
          : `${often(cap.run)} in one run, and ${often(cap.hour)} in an hour by this workflow.`,
        !cap.isWritten,
      )
    })

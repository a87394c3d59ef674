/** `viewport workspace`: what the workspace has chosen for all its runs, and how that is changed. */
import { Option } from 'commander'
import { actions } from '@viewportai/core/action/actions'
import { isCapped } from '@viewportai/core/action/caps'
import { nearest } from '@viewportai/core/workflow/nearest'
import type { Api } from './connect.ts'
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'
import { inLine, type Terminal } from './terminal.ts'

type View = Awaited<ReturnType<Api['workspace']>>
type Options = {
  bodies?: View['bodies']
  leaves?: View['leaves']
  pool?: string
  agent?: string[]
  packetBodies?: 'on' | 'off'
  cap?: string[]
}

const help = `
Bodies are plans, patches, logs: "edge" keeps them on the runner that made them, "stored" in this Viewport as well, so that
people can decide while the runner is away. Ephemeral runners need "stored". A change holds for runs that start afterwards.

What leaves runners beside them: "metadata" (ids, digests, counts, paths, the commands you are asked about), or "excerpt": short texts
too, such as why a step failed and what an agent says it wants. With "metadata" these stay on the runner. It holds for steps that begin
afterwards, and the policy of a runner may say less, never more.

Examples:
  viewport workspace
  viewport workspace change --bodies stored
  viewport workspace change --leaves metadata
  viewport workspace change --pool payments-secure --agent plan=claude --agent edit=codex
  viewport workspace change --pool "" --agent plan=     back to what is left to Viewport`

export const addWorkspace: AddCommand = (program, cli) => {
  const workspace = program
    .command('workspace')
    .description('show or change what holds for all runs')
    .addHelpText('after', help)
  workspace
    .command('show', { isDefault: true })
    .description('what the workspace has chosen')
    .action(async () => {
      const { terminal, api } = cli()
      show(terminal, await api().workspace())
    })
  workspace
    .command('change')
    .description('change a choice; what is not named stays')
    .addOption(new Option('--bodies <home>', 'where plans, patches and logs are kept').choices(['edge', 'stored']))
    .addOption(new Option('--leaves <level>', 'how much leaves runners beside bodies').choices(['metadata', 'excerpt']))
    .option('--pool <pool>', 'the pool of a workflow that names none; "" for none')
    .option('--agent <mode=agent...>', 'the agent of a step that names none, by mode: plan, read, edit, review')
    .option(
      '--cap <action=number...>',
      'how often an action may be done in any hour; "ACTION=" for what it is otherwise',
    )
    .addOption(new Option('--packet-bodies <word>', 'stored bodies are part of packets').choices(['on', 'off']))
    .action(async (options: Options) => {
      const { terminal, api } = cli()
      if (Object.keys(options).length === 0)
        throw new Stop('usage', 'Say what changes.', 'For example: viewport workspace change --bodies stored')
      const reach = api()
      const body = {
        ...(options.bodies && { bodies: options.bodies }),
        ...(options.leaves && { leaves: options.leaves }),
        ...(options.pool !== undefined && { defaultPool: options.pool || null }),
        ...(options.packetBodies && { packetBodies: options.packetBodies === 'on' }),
        ...(options.cap && { caps: withCaps((await reach.workspace()).caps, options.cap) }),
        ...(options.agent && {
          defaultAgents: withAgents((await reach.workspace()).defaultAgents, options.agent),
        }),
      }
      show(terminal, await reach.changeWorkspace({ body }))
    })
}

const modes = ['plan', 'read', 'edit', 'review'] as const

const withAgents = (now: View['defaultAgents'], said: readonly string[]): View['defaultAgents'] => {
  const agents = { ...now }
  for (const text of said) {
    const [mode = '', agent = ''] = text.split('=', 2)
    const known = modes.find((one) => one === mode)
    if (!known || !text.includes('='))
      throw new Stop('usage', `--agent ${text} is not understood.`, `It is MODE=AGENT; a mode is ${modes.join(', ')}.`)
    if (agent === '') delete agents[known]
    else agents[known] = agent
  }
  return agents
}

const withCaps = (now: View['caps'], said: readonly string[]): View['caps'] => {
  const caps = { ...now }
  for (const text of said) {
    const [action = '', number = ''] = text.split('=', 2)
    if (text.includes('=') && !isCapped(action)) {
      const near = nearest(action, Object.keys(actions).filter(isCapped))
      throw new Stop(
        'usage',
        `--cap ${text}: there is no action ${inLine(action)} that has a cap.`,
        `${near ? `Did you mean ${near}? ` : ''}docs/workflow.md names each.`,
      )
    }
    if (!isCapped(action) || !/^\d{0,6}$/.test(number) || !text.includes('='))
      throw new Stop('usage', `--cap ${text} is not understood.`, 'It is ACTION=NUMBER, such as github.comment=20.')
    if (number === '') delete caps[action]
    else caps[action] = Number(number)
  }
  return caps
}

const show = (terminal: Terminal, view: View): void =>
  terminal.give(view, () => {
    const agents = modes.flatMap((mode) =>
      view.defaultAgents[mode] ? [`${mode} ${inLine(view.defaultAgents[mode])}`] : [],
    )
    terminal.line(`${inLine(view.name)} (${inLine(view.slug)})${view.sample ? ', the sample' : ''}`)
    terminal.line(
      `Bodies          ${view.bodies === 'edge' ? 'edge: on the runner that made them' : 'stored: in this Viewport too'}`,
    )
    terminal.line(
      `Leaves runners  ${view.leaves === 'excerpt' ? 'excerpt: short texts too' : 'metadata: short texts stay there'}`,
    )
    terminal.line(
      `Default pool    ${view.defaultPool ? inLine(view.defaultPool) : 'the only one there is, else "default"'}`,
    )
    terminal.line(`Default agents  ${agents.join(', ') || 'the first of the pool that can'}`)
    const caps = Object.entries(view.caps).map(([action, most]) => `${inLine(action)} ${most}`)
    terminal.line(
      `Caps by the hour ${caps.length > 0 ? `${caps.join(', ')}; every other action ` : 'every action '}as docs/workflow.md says`,
    )
    terminal.line(`Packets         ${view.packetBodies ? 'with stored bodies' : 'without bodies'}`)
  })

/** What is an agent told, allowed and charged while it runs? */
import path from 'node:path'
import { decideCommand } from '@viewportai/core/policy/command'
import type { Usage } from '@viewportai/core/run/facts'
import { atLeast } from '@viewportai/core/run/wall-level'
import type { AgentJob } from '@viewportai/core/wire/job'
import type { AgentEnd } from '../agent/driver.ts'
import { logLine, type AgentEvent } from '../agent/event.ts'
import { promptText } from '../agent/prompt.ts'
import { toolEnvironment } from '../credentials/tool-secrets.ts'
import type { Spent } from '../model/budget.ts'
import type { OpenModel } from '../model/open-model.ts'
import { cappedOutput, outputCap } from '../process/capped-output.ts'
import type { LoadedSettings } from '../settings/given.ts'
import type { Wall } from '../walls/wall.ts'
import { localAsk, type AgentWork, type Tally } from './agent-work.ts'
import { checkCommands } from './check-commands.ts'
import { failed, WorkFailed } from './failure.ts'
import type { Given } from './give-context.ts'
import type { Port } from './port.ts'
import { repositoryNotes } from './repository-notes.ts'
import type { Session } from './session.ts'

/** Runs the agent to its end with all it has to know; keeps the tally. Throws WorkFailed. */
export const runAgent = async (
  work: AgentWork,
  given: Given,
  session: Session | null,
  folders: { repo: string; folder: string; access: 'read' | 'write' }[],
  wall: Wall,
  settings: LoadedSettings | null,
  tally: Tally,
): Promise<AgentEnd> => {
  const { port, job, driver, model, folder, dir, state, base } = work
  const plan = job.plan ? await bodyText(port, job.plan.body.digest) : null
  if (job.plan && plan === null)
    throw failed(
      'checkout',
      'plan_not_here',
      'The approved plan that this step carries out is on another runner.',
      'Start the runner that made it, or move the run and begin again.',
      { retrySafe: true },
    )
  const bodies = new Map<string, string>()
  for (const { body } of job.feedback)
    if (body)
      bodies.set(body.digest, endOf((await bodyText(port, body.digest)) ?? '(this output is on another runner)'))
  const declared = new Set((await checkCommands(work.main.cache.dir, base)).commands)
  const sandboxed = atLeast(wall.isolation.level).includes('sandbox')
  const prompt = promptText({
    job,
    plan,
    ...(driver.abilities.commands !== 'none' && {
      commands: { free: [...job.commands.allow, ...declared], deny: job.commands.deny, reads: sandboxed },
    }),
    notes: await repositoryNotes(work.main.cache.dir, base),
    context: given.items,
    missing: given.missing,
    folders,
    bodies,
    base,
    resumed: session !== null,
  })
  const secrets = job.tainted
    ? {} // outside text may steer it, and nobody has read that yet
    : await toolEnvironment(work.setup.tools, { agent: job.agent, urls: job.repos.map(({ url }) => url) })
  const overBudget = new AbortController()
  const isSpent = (): boolean => overBudget.signal.aborted || model.signal.aborted
  const output = cappedOutput(
    (bytes) => port.log.write(bytes),
    outputCap,
    (words) => port.log.own(words),
  )
  const on = (event: AgentEvent): void => {
    // What went through the gateway was counted there; what the agent says about it only stands in the log.
    if (event.event === 'usage' && model.access.way !== 'gateway') {
      tally.usage = event.usage
      if (isOver(event.usage, job.limits)) overBudget.abort('budget')
    }
    const line = logLine(event.event === 'tool' ? { ...event, title: event.title.replaceAll(`${dir}/`, '') } : event)
    if (line !== null) port.log.write(`${line}\n`)
    else if (event.event === 'output') output.write(event.bytes)
  }
  port.now(`${job.agent}: ${job.mode}`)
  tally.started = true
  try {
    const end = await driver.run({
      mode: job.mode,
      round: port.lease.round,
      attempt: port.lease.attempt,
      prompt,
      title: job.title,
      report: job.event.text,
      plan,
      feedback: job.feedback,
      context: given.items,
      branch: job.branch,
      answers: (job.resume?.answers ?? []).map((answer) => ({ ...answer, ask: localAsk(answer.ask) })),
      resumed: session !== null,
      cwd: dir,
      folder: folder.dir,
      state,
      env: folder.env({
        ...secrets,
        VPD_MODE: job.mode,
        VPD_BRANCH: job.branch,
        VPD_CONTEXT: path.join(folder.dir, 'context'),
      }),
      settings,
      wall,
      model: model.access,
      modelName: job.model ?? null,
      seconds: job.limits.seconds,
      signal: AbortSignal.any([port.signal, overBudget.signal, model.signal]),
      on,
      // What the repository declares as its checks at the base is run by vpd anyway, so the agent may run it too.
      decide: (command) => {
        const { decision, why, rule } = decideCommand(command, job.commands, { sandboxed })
        return decision === 'ask' &&
          rule === null &&
          declared.has(typeof command === 'string' ? command : command.join(' '))
          ? { decision: 'allow', why: 'the repository declares it as its check' }
          : { decision, why }
      },
    })
    tally.usage = end.usage
    if (isSpent()) throw budgetSpent(job.agent, model.spent()) // it may have ended before the stop reached it
    return end
  } catch (error) {
    if (port.signal.aborted) throw error
    if (isSpent()) throw budgetSpent(job.agent, model.spent())
    const refused = model.refused()
    throw refused.length > 0 && error instanceof WorkFailed ? modelRefused(job.agent, refused) : error
  } finally {
    await model.close() // what was cut off is counted too
    tally.usage = counted(tally.usage, model)
    output.end()
  }
}

/** What the gateway counted comes before what the agent says. By a login nobody counts: its cost is not known, whatever the agent says. */
const counted = (said: Usage, { access, counted: count }: OpenModel): Usage =>
  access.way === 'login' ? { ...said, usdMicros: null, source: 'unavailable' } : (count() ?? said)

const budgetSpent = (agent: string, why: Spent | null) =>
  failed(
    'budget',
    'budget_spent',
    why
      ? `${agent} was stopped at the budget of this run: it used ${why.words}.`
      : `${agent} used more than the budget of this run and was stopped.`,
    'Raise the budget in the workflow, or ask for less.',
    { started: true, retrySafe: false },
  )

/** What the agent says of it is the provider's no in its words; whose no it was stands here. */
const modelRefused = (agent: string, models: readonly (string | null)[]) =>
  failed(
    'policy',
    'model_refused',
    `${agent} asked for ${models.map((one) => (one === null ? 'a model without saying which' : `the model ${one}`)).join(', ')}, which the policy of this runner does not allow.`,
    'Ask for an allowed one (`model` of the step), or name it under `models` in the policy of the runner.',
    { started: true, retrySafe: false },
  )

const bodyText = async (port: Port, digest: string): Promise<string | null> => {
  const bytes = await port.evidence.get(digest)
  return bytes === null ? null : Buffer.from(bytes).toString('utf8')
}

/** The end of a long output says most. */
const endOf = (text: string): string =>
  text.length > 20_000 ? `(the first ${text.length - 20_000} characters are left out)\n${text.slice(-20_000)}` : text

const isOver = (usage: Usage, limits: AgentJob['limits']): boolean =>
  (limits.tokens !== null && (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0) > limits.tokens) ||
  (limits.usdMicros !== null && (usage.usdMicros ?? 0) > limits.usdMicros)

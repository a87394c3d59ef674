/**
 * How does an agent step run, from the clone to the result?
 * The agent works in a clone of its own, behind a gateway that publishes nothing. When its processes are gone, vpd reads what it left.
 */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { decideCommand } from '@viewportai/core/policy/command'
import { refRefusal } from '@viewportai/core/policy/ref-name'
import type { Usage } from '@viewportai/core/run/facts'
import type { AgentJob } from '@viewportai/core/wire/job'
import type { AgentEnd } from '../agent/driver.ts'
import { driversOf } from '../agent/drivers.ts'
import { logLine, type AgentEvent } from '../agent/event.ts'
import { promptText } from '../agent/prompt.ts'
import { bringChange } from '../git/approved-change.ts'
import { startGateway, type Gateway } from '../git/gateway.ts'
import { makeQuarantine } from '../git/quarantine.ts'
import { cloneForStep } from '../git/step-clone.ts'
import { cappedOutput } from '../process/capped-output.ts'
import { detectHolding, isolationOf } from '../process/isolation.ts'
import { agentResult, parkAgent, type Finished } from './agent-result.ts'
import { localAsk, type AgentWork, type Tally } from './agent-work.ts'
import { checkCommands } from './check-commands.ts'
import { acceptedSoFar, failed, notStopped } from './failure.ts'
import { giveContext } from './give-context.ts'
import { mainRepo, pinRepos, type PinnedRepo } from './job-repos.ts'
import type { Port, Setup } from './port.ts'
import { recordPushes } from './pushes.ts'
import { findSession, restoreState, type Session } from './session.ts'
import type { StepFolder } from './step-folder.ts'

/** Runs the step. Resolves with its last report's content, or null when it was parked. Throws WorkFailed. */
export const doAgentStep = async (
  port: Port,
  setup: Setup,
  job: AgentJob,
  folder: StepFolder,
  tally: Tally,
): Promise<Finished | null> => {
  const holding = await detectHolding()
  const driver = driversOf(setup).find((one) => one.name === job.agent)
  const found = driver ? await driver.detect() : null
  const session =
    job.resume && driver?.abilities.resumes === 'agent'
      ? await findSession(setup, port.lease.run, job.resume.session, job.agent)
      : null
  await port.report({
    type: 'started',
    agent: { name: job.agent, version: found?.version ?? null, tested: found?.tested ?? false },
    isolation: isolationOf(holding),
    resumed: session !== null,
  })
  const accepted = acceptedSoFar(port)
  accepted.catch(() => {}) // looked at below, before the agent starts
  if (!driver || !found?.usable) throw notHere(job.agent, found?.note ?? null)
  if (!driver.modes.includes(job.mode))
    throw failed(
      'agent',
      'mode_not_here',
      `The agent ${job.agent} cannot ${job.mode} on this runner.`,
      'Choose another agent for this step, or widen its modes on the runner.',
      { retrySafe: true },
    )
  const wrong = refRefusal(job.branch)
  if (wrong)
    throw failed(
      'policy',
      'target_refused',
      `The branch ${JSON.stringify(job.branch)} may not be written by a run: ${wrong}.`,
      'Start a new run.',
      { retrySafe: false },
    )

  const pinned = await pinRepos(port, setup, job.repos)
  const main = mainRepo(pinned)
  const base = job.start?.base ?? main.commit
  const begin = job.start ? await bringChange(main.cache, job.start, port.evidence, folder.scratch) : main.commit
  const state = path.join(folder.dir, 'state')
  const layout = layOut({ port, job, folder, pinned, main, base, begin, session })
  layout.catch(() => {}) // looked at below
  const given = await giveContext(port, job, pinned, path.join(folder.dir, 'context')).catch(async (error: unknown) => {
    await layout.then(
      ({ gateway }) => gateway.close(),
      () => {},
    )
    throw error
  })
  const { gateway, dirs } = await layout
  await (session ? restoreState(session, state) : mkdir(state, { recursive: true }))
  try {
    await accepted // a superseded attempt starts no agent
    notStopped(port)
    const work: AgentWork = {
      port,
      setup,
      job,
      folder,
      driver,
      main,
      base,
      begin,
      beginTree: session?.tree ?? begin,
      dir: dirs.get(main) ?? folder.dir,
      state,
      items: given.items.map((item) => item.id),
    }
    const end = await runAgent(
      work,
      given,
      session,
      pinned.map((one) => ({ repo: one.repo.name, folder: dirs.get(one) ?? '', access: one.repo.use.access })),
      holding,
      tally,
    )
    await gateway.close() // a push that was being recorded is reported before the end is
    return end.end === 'parked' ? await parkAgent(work, end, tally) : await agentResult(work, end)
  } finally {
    await gateway.close()
  }
}

const notHere = (agent: string, note: string | null) =>
  failed(
    'agent',
    'agent_not_here',
    `The agent ${agent} is not on this runner${note ? ` (${note})` : ''}.`,
    'Install it, or add it to the commands of the runner; `vpd doctor` lists what is there.',
    { retrySafe: true },
  )

type Layout = {
  port: Port
  job: AgentJob
  folder: StepFolder
  pinned: readonly PinnedRepo[]
  main: PinnedRepo
  base: string
  begin: string
  session: Session | null
}

/** One clone per repository, each with a quarantine as its origin. Only the main one of an edit step takes pushes. */
const layOut = async ({
  port,
  job,
  folder,
  pinned,
  main,
  base,
  begin,
  session,
}: Layout): Promise<{ gateway: Gateway; dirs: Map<PinnedRepo, string> }> => {
  const quarantines = await Promise.all(
    pinned.map((one, at) => makeQuarantine(one.cache, path.join(folder.dir, 'quarantine', `${at}.git`))),
  )
  const message = `${job.title}`.slice(0, 200)
  const gateway = await startGateway(
    pinned.map((one, at) =>
      recordPushes(
        {
          port,
          pinned: one,
          base,
          branch: job.branch,
          quarantine: quarantines[at] ?? { dir: '' },
          scratch: folder.scratch,
          message,
        },
        one === main && job.mode === 'edit',
      ),
    ),
  )
  const names = folderNames(pinned)
  const dirs = new Map(pinned.map((one, at) => [one, path.join(folder.dir, 'tree', names[at] ?? String(at))]))
  await Promise.all(
    pinned.map((one) =>
      cloneForStep(
        one.cache,
        dirs.get(one) ?? '',
        one === main ? begin : one.commit,
        job.branch,
        gateway.urlOf(one.repo.name),
        one === main ? (session?.tree ?? null) : null,
      ),
    ),
  )
  return { gateway, dirs }
}

/** The last part of each repository's name; a number behind it where two are alike. */
const folderNames = (pinned: readonly PinnedRepo[]): string[] => {
  const short = pinned.map(({ repo }) => (repo.name.split('/').at(-1) ?? '').replace(/[^A-Za-z0-9_-]/g, '-') || 'repo')
  return short.map((name, at) => (short.indexOf(name) === at ? name : `${name}-${at + 1}`))
}

const runAgent = async (
  work: AgentWork,
  given: Awaited<ReturnType<typeof giveContext>>,
  session: Session | null,
  folders: { repo: string; folder: string; access: 'read' | 'write' }[],
  holding: Awaited<ReturnType<typeof detectHolding>>,
  tally: Tally,
): Promise<AgentEnd> => {
  const { port, job, driver, folder, dir, state, base } = work
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
  const prompt = promptText({
    job,
    plan,
    context: given.items,
    missing: given.missing,
    folders,
    bodies,
    base,
    resumed: session !== null,
  })
  const declared = new Set((await checkCommands(work.main.cache.dir, base)).commands)
  const overBudget = new AbortController()
  const output = cappedOutput((bytes) => port.log.write(bytes))
  const on = (event: AgentEvent): void => {
    if (event.event === 'usage') {
      tally.usage = event.usage
      if (isOver(event.usage, job.limits)) overBudget.abort('budget')
    }
    const line = logLine(event)
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
        VPD_MODE: job.mode,
        VPD_BRANCH: job.branch,
        VPD_CONTEXT: path.join(folder.dir, 'context'),
        GIT_CONFIG_GLOBAL: '/dev/null',
      }),
      holding,
      seconds: job.limits.seconds,
      signal: AbortSignal.any([port.signal, overBudget.signal]),
      on,
      // What the repository declares as its checks at the base is run by vpd anyway, so the agent may run it too.
      decide: (argv) => {
        const { decision, why, rule } = decideCommand(argv, job.commands, { sandboxed: false })
        return decision === 'ask' && rule === null && declared.has(argv.join(' '))
          ? { decision: 'allow', why: 'the repository declares it as its check' }
          : { decision, why }
      },
    })
    tally.usage = end.usage
    if (overBudget.signal.aborted) throw budgetSpent(job.agent) // it may have ended before the stop reached it
    return end
  } catch (error) {
    throw overBudget.signal.aborted && !port.signal.aborted ? budgetSpent(job.agent) : error
  } finally {
    output.end()
  }
}

const budgetSpent = (agent: string) =>
  failed(
    'budget',
    'budget_spent',
    `${agent} used more than the budget of this run and was stopped.`,
    'Raise the budget in the workflow, or ask for less.',
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

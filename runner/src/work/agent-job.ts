/**
 * How does an agent step run, from the clone to the result?
 * The agent works in a clone of its own, behind a gateway that publishes nothing. When its processes are gone, vpd reads what it left.
 */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { refRefusal } from '@viewportai/core/policy/ref-name'
import type { AgentJob } from '@viewportai/core/wire/job'
import { driversOf } from '../agent/drivers.ts'
import { bringChange } from '../git/approved-change.ts'
import { chooseAccess } from '../model/choose-access.ts'
import { openModel } from '../model/open-model.ts'
import { objectsBehind } from '../git/step-clone.ts'
import type { LoadedSettings } from '../settings/given.ts'
import { isTrusted, resolveSettings } from '../settings/resolve.ts'
import { planWall } from '../walls/choose.ts'
import { loginHosts } from '../walls/login-hosts.ts'
import type { Wall } from '../walls/wall.ts'
import { agentResult, parkAgent, type Finished } from './agent-result.ts'
import type { AgentWork, Tally } from './agent-work.ts'
import { acceptedSoFar, failed, notStopped } from './failure.ts'
import { giveContext } from './give-context.ts'
import { mainRepo, pinRepos } from './job-repos.ts'
import { layOut } from './lay-out.ts'
import type { Port, Setup } from './port.ts'
import { runAgent } from './run-agent.ts'
import { findSession, restoreState } from './session.ts'
import type { StepFolder } from './step-folder.ts'

/** Runs the step. Resolves with its last report's content, or null when it was parked. Throws WorkFailed. */
export const doAgentStep = async (
  port: Port,
  setup: Setup,
  job: AgentJob,
  folder: StepFolder,
  tally: Tally,
): Promise<Finished | null> => {
  const driver = driversOf(setup).find((one) => one.name === job.agent)
  const found = driver ? await driver.detect() : null
  const choice = await chooseAccess(driver ?? { name: job.agent, speaks: [] }, setup.model, job.model ?? null)
  const plan = await planWall(setup, 'agents', {
    more: choice.way === 'login' ? loginHosts(job.agent) : [],
    ...(job.hosts && { only: job.hosts }),
  })
  const session =
    job.resume && driver?.abilities.resumes === 'agent'
      ? await findSession(setup, port.lease.run, job.resume.session, job.agent)
      : null
  await port.report({
    type: 'started',
    agent: { name: job.agent, version: found?.version ?? null, tested: found?.tested ?? false },
    isolation: { ...plan.isolation, modelGateway: choice.way === 'gateway' },
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
  if (job.model !== undefined && !driver.takesModel)
    throw failed(
      'agent',
      'model_not_taken',
      `The agent ${job.agent} takes no model by name on this runner, and the step asks for ${job.model}.`,
      'Take `model` out of the step, or say in the policy of the runner how the agent is given one.',
      { retrySafe: true },
    )
  if (choice.way === 'none' && driver.speaks.length > 0)
    throw failed('agent', 'no_model', `${job.agent} has no model here: ${choice.why}.`, 'Then try again.', {
      retrySafe: true,
    })
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
  const model = await openModel(choice, {
    agent: job.agent,
    run: port.lease.run,
    step: port.lease.step,
    attempt: port.lease.attempt,
    limits: job.limits,
    setup: setup.model,
    say: (line) => port.log.own(`[model] ${line}`),
    onRefused: (name) =>
      void port
        .report({
          type: 'refused',
          code: 'model_refused',
          words: `${job.agent} asked for ${name === null ? 'a model without saying which' : `the model ${name}`}, which the policy of this runner does not allow.`,
          about: { model: name },
        })
        .catch(() => {}), // a report that cannot be kept is told by the loop that keeps them
  })
  tally.known = model.known
  const layout = layOut({
    port,
    job,
    folder,
    pinned,
    main,
    base,
    begin,
    session,
    objects: objectsBehind(plan.isolation.level),
    wall: (gatewayPort, borrows) => plan.open({ doors: [gatewayPort, ...model.doors], borrows, port }),
  })
  layout.catch(() => model.close()) // looked at below
  const given = await giveContext(port, job, pinned, path.join(folder.dir, 'context')).catch(async (error: unknown) => {
    await layout.then(
      async ({ gateway, wall }) => {
        await wall.close()
        await gateway.close()
        await model.close()
      },
      () => {},
    )
    throw error
  })
  const { gateway, wall, dirs } = await layout
  try {
    await (session ? restoreState(session, state) : mkdir(state, { recursive: true }))
    await accepted // a superseded attempt starts no agent
    notStopped(port)
    const work: AgentWork = {
      port,
      setup,
      job,
      folder,
      driver,
      model,
      main,
      base,
      begin,
      beginTree: session?.tree ?? begin,
      dir: dirs.get(main) ?? folder.dir,
      state,
      items: given.items.map((item) => item.id),
    }
    const settings = await ownSettings(work, wall)
    const end = await runAgent(
      work,
      given,
      session,
      pinned.map((one) => ({ repo: one.repo.name, folder: dirs.get(one) ?? '', access: one.repo.use.access })),
      wall,
      settings,
      tally,
    )
    await gateway.close() // a push that was being recorded is reported before the end is
    return end.end === 'parked' ? await parkAgent(work, end, tally) : await agentResult(work, end)
  } finally {
    await wall.close()
    await gateway.close()
    await model.close()
  }
}

/** What the agent loads of the settings of its repository, and a fact about it where an admin switched that on. */
const ownSettings = async (
  { port, setup, job, driver, main, dir, folder, beginTree }: AgentWork,
  wall: Wall,
): Promise<LoadedSettings | null> => {
  const trust = setup.trust ?? []
  if (main.repo.agentSettings !== 'base') {
    if (isTrusted(main.repo, trust))
      port.log.own(`[settings] those of ${main.repo.name} are not loaded: the job does not say that they may be`)
    return null
  }
  const { loaded, report } = await resolveSettings({
    job,
    repo: main.repo,
    driver,
    wall,
    trust,
    gitDir: main.cache.dir,
    commit: main.commit,
    beginTree,
    clone: dir,
    folder: path.join(folder.dir, 'settings'),
  })
  await port.report(report)
  return loaded
}

const notHere = (agent: string, note: string | null) =>
  failed(
    'agent',
    'agent_not_here',
    `The agent ${agent} is not on this runner${note ? ` (${note})` : ''}.`,
    'Install it, or add it to the commands of the runner; `vpd doctor` lists what is there.',
    { retrySafe: true },
  )

/** What did the agent bring, and what is kept for the next time? Read by vpd from its words and files when its processes are gone. */
import type { StepResult } from '@viewportai/core/run/facts'
import type { AgentEnd } from '../agent/driver.ts'
import { readPlan } from '../agent/plan.ts'
import { citationsIn } from '../context/citations.ts'
import { makeChange } from '../git/make-change.ts'
import { readWorkTree } from '../git/read-work-tree.ts'
import { outerAsk, type AgentWork, type Tally } from './agent-work.ts'
import { failed } from './failure.ts'
import { keepPatch } from './keep-patch.ts'
import { saveSession } from './session.ts'

export type Finished = { readonly result: StepResult; readonly session: string | null }

/** The result of a finished agent by the mode of its step; reports `cited` on the way. */
export const agentResult = async (work: AgentWork, end: Extract<AgentEnd, { end: 'finished' }>): Promise<Finished> => {
  const { port, job, items } = work
  const result = job.mode === 'edit' ? await changeOf(work, end.text) : await textOf(work, end.text)
  if (items.length > 0) await port.report({ type: 'cited', ...citationsIn(end.text, items) })
  return { result, session: await keepSession(work, null) }
}

const textOf = async ({ port, job }: AgentWork, text: string): Promise<StepResult> => {
  if (text.trim() === '')
    throw failed(
      'agent',
      'agent_said_nothing',
      `${job.agent} ended without ${job.mode === 'plan' ? 'a plan' : 'an answer'}.`,
      'Look at its log; a plan or answer is what it writes to standard output.',
      { started: true },
    )
  const bytes = Buffer.from(text.endsWith('\n') ? text : `${text}\n`)
  const told = toldOf(job, text)
  if (job.mode !== 'plan')
    return { kind: 'text', body: await port.evidence.put(port.lease.run, 'output', 'text/markdown', bytes), ...told }
  const { title, steps, files } = readPlan(text)
  return {
    kind: 'plan',
    body: await port.evidence.put(port.lease.run, 'plan', 'text/markdown', bytes),
    files,
    steps,
    title,
    ...told,
  }
}

/** What the agent wrote, when an action takes it outside; cut to what a fact may hold. */
const toldOf = (job: AgentWork['job'], text: string): { text?: string } =>
  job.tell === true && text.trim() !== '' ? { text: cutTo(text.trim(), 20_000) } : {}

const cutTo = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1).toWellFormed()}…` : text

const changeOf = async (
  { port, job, main, base, dir, beginTree, folder }: AgentWork,
  text: string,
): Promise<StepResult> => {
  const tree = await readWorkTree(main.cache.dir, dir, beginTree, folder.scratch)
  const made = await makeChange(main.cache.dir, main.repo.use, base, tree, job.title.slice(0, 200), folder.scratch)
  const patch = made ? await keepPatch(port, main.cache.dir, made) : null
  const summary =
    text.trim() === ''
      ? null
      : await port.evidence.put(port.lease.run, 'summary', 'text/markdown', Buffer.from(`${text.trim()}\n`))
  return { kind: 'change', change: made?.change ?? null, patch, summary, ...toldOf(job, text) }
}

const keepSession = async (
  { port, setup, job, driver, state }: AgentWork,
  tree: string | null,
): Promise<string | null> =>
  driver.abilities.resumes === 'agent'
    ? saveSession(setup, port.lease.run, { agent: job.agent, step: port.lease.step, tree }, state)
    : null

/** Keeps the session with its unfinished files, then reports the ask and that the step is parked. Resolves with null: there is no result yet. */
export const parkAgent = async (
  work: AgentWork,
  { ask }: Extract<AgentEnd, { end: 'parked' }>,
  tally: Tally,
): Promise<null> => {
  const { port, main, dir, beginTree, folder, job } = work
  const tree = job.mode === 'edit' ? await readWorkTree(main.cache.dir, dir, beginTree, folder.scratch) : null
  const session = await keepSession(work, tree)
  if (session === null)
    throw failed(
      'agent',
      'cannot_ask',
      `${job.agent} asked a question and cannot wait for the answer.`,
      'Choose an agent that can resume its session.',
      { started: true },
    )
  const question =
    ask.argv === null
      ? await port.evidence.put(port.lease.run, 'question', 'text/plain', Buffer.from(`${ask.reason}\n`))
      : null
  await port.report({
    type: 'ask',
    ask: outerAsk(port.lease.attempt, ask.ask),
    argv: ask.argv === null ? null : [...ask.argv],
    cwd: ask.cwd,
    ...(ask.where && { where: ask.where }),
    reason: ask.reason.slice(0, 2_000),
    question,
    choices: [...ask.choices],
  })
  await port.report({ type: 'parked', session, usage: tally.usage })
  return null
}

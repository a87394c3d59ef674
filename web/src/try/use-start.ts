/** Starting a try: what is missing in the workspace is added, the workflow is saved and enabled, the run begins. A press that is sent twice starts one run. */
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { keepWorkflow, letUse, nameOfAddress, ownEntry, ownTeam, type Kept } from '@viewportai/core/try/furnish'
import { tryName, workflowSource } from '@viewportai/core/try/workflow-source'
import { useRef } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { freshRequest } from '../workflows/fresh-request.ts'
import type { Runner } from './runner-choice.tsx'

export type Task = {
  readonly runner: Runner
  readonly url: string
  readonly branch: string
  readonly agent: string
  readonly text: string
  /** Empty: the repository's own, which are `own`. */
  readonly checks: readonly string[]
  readonly own: readonly string[]
  readonly budgetUsd: number
  /** The admin accepts that nothing walls agents off there. */
  readonly acceptNoWall: boolean
}

/** It was saved and cannot run yet: something that it names is missing. */
export class NotReady extends Error {
  readonly missing: Kept['missing']
  constructor(missing: Kept['missing']) {
    super(`The workflow cannot run here: ${missing.map(({ name, why }) => `${name}: ${why}`).join('; ')}`)
    this.missing = missing
  }
}

export const useStart = () => {
  const request = useRef(freshRequest())
  const look = useLookAgain('run')
  const lookAtRunners = useLookAgain('runner')
  const navigate = useNavigate()
  return useMutation({
    mutationFn: async (task: Task) => {
      const workflow = await furnish(task)
      const title = task.text.trim().split('\n')[0]!.trim().slice(0, 300)
      return api.startRun({ body: { workflow, title, text: task.text.trim(), request: request.current } })
    },
    onSuccess: (run) => {
      request.current = freshRequest()
      void look()
      void navigate({ to: '/runs/$run', params: { run: String(run.number) } })
    },
    onSettled: lookAtRunners,
  })
}

/** The same steps as `viewport try`; gives the name of the workflow. */
const furnish = async (task: Task): Promise<string> => {
  const { runner, url, branch } = task
  const repository = await ownEntry(api, { name: nameOfAddress(url), url, branch })
  const team = await ownTeam(api)
  await letUse(api, runner.id, repository)
  if (task.acceptNoWall) await api.changeRunner({ params: { runner: runner.id }, body: { acceptNoWall: true } })
  const source = workflowSource({
    name: tryName(repository),
    team,
    repository,
    branch,
    agent: task.agent,
    pool: runner.pool,
    checks: task.checks,
    mayRun: task.checks.length > 0 ? task.checks : task.own,
    budgetUsd: task.budgetUsd,
    description: `A task by hand on ${repository}.`,
  })
  const kept = await keepWorkflow(api, source, 'From a try')
  if (!kept.ready) throw new NotReady(kept.missing)
  return kept.name
}

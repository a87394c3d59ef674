/**
 * What must the workspace hold before a try can run, and how does it get there?
 * Through the API, as its admin: a team, the repository, the workflow. What is there is used.
 */
import type { z } from 'zod'
import type { WorkflowItem } from '@viewportai/core/api/workflows'
import type { Api } from '../cli/connect.ts'
import { Stop } from '../cli/exit.ts'
import { inLine } from '../cli/terminal.ts'
import { otherName, type OwnRepository } from './repository.ts'

/** A team that the person is in; made when there is none. Gives its slug. */
export const ownTeam = async (api: Api): Promise<string> => {
  const { person } = await api.me()
  const { teams } = await api.people()
  const mine = teams.find(({ members }) => members.includes(person.id))
  if (mine) return mine.slug
  const team = teams[0] ?? (await api.addTeam({ body: { slug: 'core', name: 'Core' } }))
  await api.changePerson({ params: { person: person.id }, body: { teams: [team.slug] } })
  return team.slug
}

/** The repository in the workspace, added when it is not there; gives its name there. */
export const ownEntry = async (api: Api, { name, url, branch }: OwnRepository): Promise<string> => {
  const { repositories } = await api.repositories()
  const there = repositories.find((one) => one.url === url)
  if (there) return there.name
  const free = repositories.some((one) => one.name === name) ? otherName(name, url) : name
  await api.addRepository({ body: { name: free, url, defaultBranch: branch } })
  return free
}

/** Lets the runner use the repository, beside those it may use already. */
export const letUse = async (api: Api, runner: string, repository: string): Promise<void> => {
  const { runners } = await api.runners()
  const found = runners.find(({ id }) => id === runner)
  if (!found || found.repositories.includes(repository)) return
  await api.changeRunner({ params: { runner }, body: { repositories: [...found.repositories, repository] } })
}

/** Saves and enables it. Throws a `Stop` when something that it names is missing. */
export const keepWorkflow = async (api: Api, source: string, note: string): Promise<z.infer<typeof WorkflowItem>> => {
  const saved = await api.saveWorkflow({ body: { source, note } })
  if (saved.ready) return api.enableWorkflow({ params: { workflow: saved.name }, body: { enabled: true } })
  throw new Stop(
    'refused',
    `The workflow cannot run here:${saved.missing.map(({ kind, name, why }) => `\n  ${kind} ${inLine(name)}: ${inLine(why)}`).join('')}`,
  )
}

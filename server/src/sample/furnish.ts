/**
 * How does the sample workspace get what is in it?
 * Through the API, as its admin would do it, one thing after the other; what is there already is left as it is, so that a start that
 * was killed goes on where it stopped, and what a user changed stays changed.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Api } from '../cli/connect.ts'
import { mainWorkflow, samplePeople, sampleRepository, sampleSource, sampleTeam, sampleWorkflows } from './cast.ts'

/** Team, people, repository, workflows (saved, not enabled: that needs a runner). `remote`: the repository's URL. */
export const furnish = async (api: Api, remote: string): Promise<void> => {
  const { person } = await api.me()
  const { people, teams } = await api.people()
  if (!teams.some((team) => team.slug === sampleTeam.slug)) await api.addTeam({ body: sampleTeam })
  if (!teams.some((team) => team.members.includes(person.id)))
    await api.changePerson({ params: { person: person.id }, body: { teams: [sampleTeam.slug] } })
  for (const { handle, name } of samplePeople)
    if (!people.some((one) => one.handle === handle))
      await api.addPerson({ body: { handle, name, email: null, role: 'member', teams: [sampleTeam.slug] } })
  const { repositories } = await api.repositories()
  if (!repositories.some((repo) => repo.name === sampleRepository))
    await api.addRepository({ body: { name: sampleRepository, url: remote, defaultBranch: 'main' } })
  const { workflows } = await api.workflows()
  for (const name of sampleWorkflows)
    if (!workflows.some((one) => one.name === name))
      await api.saveWorkflow({
        body: {
          source: readFileSync(new URL(`./workflows/${name}.workflow.yaml`, import.meta.url), 'utf8'),
          note: 'From the sample',
        },
      })
}

/** Lets events start the workflows, once. Somebody who disabled one finds it disabled at the next start. */
export const enableWorkflows = async (api: Api): Promise<void> => {
  const { workflows } = await api.workflows()
  if (workflows.some((one) => one.enabled) || workflows.some((one) => one.name === mainWorkflow && one.runs > 0)) return
  for (const name of sampleWorkflows.toReversed())
    if (workflows.some((one) => one.name === name))
      await api.enableWorkflow({ params: { workflow: name }, body: { enabled: true } })
}

export type SampleSource = { readonly id: string; readonly url: string; readonly secret: string }

/** The webhook address of the sample and its secret, which only its file here knows: when that is gone, a new address is made. */
export const sampleSourceIn = async (api: Api, folder: string): Promise<SampleSource> => {
  const file = path.join(folder, 'source.json')
  const { sources } = await api.sources()
  const saved = readSaved(file)
  const known = sources.find((one) => one.id === saved?.id)
  if (saved && known) return { ...saved, url: known.url }
  for (const stale of sources.filter((one) => one.name === sampleSource))
    await api.removeSource({ params: { source: stale.id } })
  const { source, secret } = await api.addSource({ body: { name: sampleSource } })
  rmSync(file, { force: true })
  writeFileSync(file, JSON.stringify({ id: source.id, url: source.url, secret }), { mode: 0o600, flag: 'wx' })
  return { id: source.id, url: source.url, secret }
}

const readSaved = (file: string): SampleSource | null => {
  try {
    const saved = JSON.parse(readFileSync(file, 'utf8')) as Partial<SampleSource>
    return saved.id && saved.url && saved.secret ? { id: saved.id, url: saved.url, secret: saved.secret } : null
  } catch {
    return null
  }
}

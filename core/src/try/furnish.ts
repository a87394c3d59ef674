/**
 * What must a workspace hold before a try can run, and how does it get there?
 * Through the API, as its admin: a team, the repository, the runner's leave to use it, the workflow. What is there is used; nothing is taken away.
 */
import type { AnswerOf, Client, Reply } from '../api/client.ts'
import { sha256Hex } from '../digest/canonical.ts'

type Api = Pick<
  Client<Reply>,
  | 'me'
  | 'people'
  | 'addTeam'
  | 'changePerson'
  | 'repositories'
  | 'addRepository'
  | 'runners'
  | 'changeRunner'
  | 'saveWorkflow'
  | 'enableWorkflow'
>

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
export const ownEntry = async (
  api: Api,
  { name, url, branch }: { readonly name: string; readonly url: string; readonly branch: string },
): Promise<string> => {
  const { repositories } = await api.repositories()
  const there = repositories.find((one) => one.url === url)
  if (there) return there.name
  const free = repositories.some((one) => one.name === name) ? otherName(name, url) : name
  await api.addRepository({ body: { name: free, url, defaultBranch: branch } })
  return free
}

/** Another name when a repository of this workspace at another address has that one. */
export const otherName = (name: string, url: string): string =>
  `local/${name.split('/')[1]}-${sha256Hex(url).slice(0, 6)}`

/** What a repository at this address is called: `owner/name` of a remote, `local/name` of a folder. */
export const nameOfAddress = (url: string): string => {
  const parts = url
    .replace(/^[a-z]+:\/\/[^/]*/i, '')
    .split('/')
    .filter(Boolean)
    .map((part) =>
      part
        .replace(/\.git$/, '')
        .replace(/[^A-Za-z0-9._-]+/g, '-')
        .replace(/^[.-]+/, ''),
    )
  const name = parts.at(-1) || 'repository'
  const owner = url.startsWith('file:') ? 'local' : parts.at(-2) || 'local'
  return `${owner}/${name}`
}

/** Lets the runner use the repository, beside those it may use already. */
export const letUse = async (api: Api, runner: string, repository: string): Promise<void> => {
  const { runners } = await api.runners()
  const found = runners.find(({ id }) => id === runner)
  if (!found || found.repositories.includes(repository)) return
  await api.changeRunner({ params: { runner }, body: { repositories: [...found.repositories, repository] } })
}

export type Kept = AnswerOf<'saveWorkflow', Reply>

/** Saves it, and enables it unless something that it names is missing: then it is saved alone, and `ready` is false. */
export const keepWorkflow = async (api: Api, source: string, note: string): Promise<Kept> => {
  const saved = await api.saveWorkflow({ body: { source, note } })
  if (!saved.ready) return saved
  return {
    ...(await api.enableWorkflow({ params: { workflow: saved.name }, body: { enabled: true } })),
    notes: saved.notes,
  }
}

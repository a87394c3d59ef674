/**
 * Which repository of a forge does a folder of this machine stand for?
 * The one that the end of its path names (`/srv/git/acme/shop.git`: acme/shop), and no other: that path is what the owner's policy let, while the
 * name beside it is the control plane's word. Repositories with a host are known by it. It asks neither disk nor forge.
 */
import { repositoryName } from '@viewportai/core/policy/repository-name'

type Repo = { readonly name: string; readonly url: string }

/** The run's repositories as a credential of this machine may be used on them: a folder that another name was given is named as nothing at any forge. */
export const foldersNamed = (repos: readonly Repo[]): Repo[] =>
  repos.map(({ name, url }) => ({ name: isNamedByPath({ name, url }) ? name : folderName, url }))

/** The folders among them that do not say that they are what the control plane calls them. */
export const foreignFolders = (repos: readonly Repo[]): Repo[] => repos.filter((repo) => !isNamedByPath(repo))

const folderName = '(a folder of this machine)' // no form of a repository's name anywhere

const isNamedByPath = ({ name, url }: Repo): boolean => {
  const meant = repositoryName(url)
  if ('why' in meant) return !/^(file:|\/)/i.test(url)
  return !meant.name.startsWith('file:') || meant.name.toLowerCase().endsWith(`/${name.toLowerCase()}`)
}

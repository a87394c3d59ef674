/** Where does the sample keep what is its own, below the data folder? */
import { mkdirSync } from 'node:fs'
import path from 'node:path'

export type SamplePlace = {
  readonly folder: string
  /** The git remote. */
  readonly remotes: string
  /** The home of the runner; `vpd` finds nothing of the user's there. */
  readonly runnerHome: string
  readonly runnerLog: string
  readonly runnerPid: string
}

/** The folders, made when they are missing. */
export const samplePlace = (dataFolder: string): SamplePlace => {
  const folder = path.join(dataFolder, 'sample')
  const place = {
    folder,
    remotes: path.join(folder, 'remotes'),
    runnerHome: path.join(folder, 'runner'),
    runnerLog: path.join(folder, 'runner.log'),
    runnerPid: path.join(folder, 'runner.pid'),
  }
  for (const made of [folder, place.remotes, place.runnerHome]) mkdirSync(made, { recursive: true, mode: 0o700 })
  return place
}

/** Where does the sample keep what is its own? Below the data folder. */
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import os from 'node:os'
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

/** The folders, made when they are missing. Throws with words when no folder can hold the remote. */
export const samplePlace = (dataFolder: string): SamplePlace => {
  const folder = path.join(dataFolder, 'sample')
  const place = {
    folder,
    remotes: remotesFolder(folder),
    runnerHome: path.join(folder, 'runner'),
    runnerLog: path.join(folder, 'runner.log'),
    runnerPid: path.join(folder, 'runner.pid'),
  }
  for (const made of [folder, place.remotes, place.runnerHome]) mkdirSync(made, { recursive: true, mode: 0o700 })
  return place
}

/** A runner takes only paths that have one spelling in a URL: no blanks, no escapes. Where the data folder has others, the remote is kept in the home. */
const remotesFolder = (folder: string, home = os.homedir()): string => {
  const inside = path.join(folder, 'remotes')
  const outside = path.join(
    home,
    '.viewport',
    'remotes',
    createHash('sha256').update(folder).digest('hex').slice(0, 12),
  )
  const found = [inside, outside].find((one) => /^[A-Za-z0-9/._+,=~-]+$/.test(one))
  if (!found)
    throw new Error(
      `The sample's git remote needs a path without blanks and special characters; ${inside} and ${outside} have some. Name another folder with --data.`,
    )
  return found
}

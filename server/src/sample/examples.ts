/** Where are the sample repository and its bug report? In `examples` of the clone, or beside the published program. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folders = ['../../../examples/', '../../examples/'] // of the clone, of the published package

/** The folder, with a slash at its end. Throws when it is missing. */
export const examplesFolder = (): string => {
  const found = folders
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(`${path}sample-repo`))
  if (!found) throw new Error('The sample repository is missing beside the program. Install Viewport again.')
  return found
}

// Does the code keep to the architecture? The stage of the check.
import { breaches } from './architecture.ts'
import { sourceFiles } from './source-files.ts'
import { green, red, type Stage } from './stage.ts'

export const architecture: Stage = {
  name: 'architecture',
  // Async, so that a file that cannot be read makes this stage red and not an end of the whole check.
  run: async ({ root }) => {
    const found = breaches(root)
    return found.length > 0 ? red(found.join('\n')) : green(`${sourceFiles(root).length} files`)
  },
}

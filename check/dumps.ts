// Are the committed copies of what the code says, the API's document and the database's schema, current?
// `node check/dumps.ts` writes them anew (npm run dumps).
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { command } from './command.ts'
import { green, red, type Stage } from './stage.ts'

const DUMPS = [
  { file: 'docs/openapi.json', words: ['openapi'] },
  { file: 'server/schema.sql', words: ['schema'] },
]

export const dumps: Stage = {
  name: 'dumps',
  run: async ({ root, env }) => {
    const complaints: string[] = []
    for (const { file, words } of DUMPS) {
      const now = await dump(root, env, words)
      const committed = await readFile(join(root, file), 'utf8').catch(() => undefined)
      if (now.code !== 0) complaints.push(`viewport ${words.join(' ')} ended with ${now.code}:\n${now.output.trim()}`)
      else if (committed === undefined) complaints.push(`${file} does not exist. To write it: npm run dumps`)
      else if (committed !== now.output) complaints.push(`${file} ${firstDifference(committed, now.output)}`)
    }
    return complaints.length > 0 ? red(complaints.join('\n')) : green(DUMPS.map(({ file }) => file).join(', '))
  },
}

/** Where a committed file and its fresh copy part, in words for the one who has to write it anew. */
export function firstDifference(committed: string, now: string): string {
  const [before, after] = [committed.split('\n'), now.split('\n')]
  const line = before.findIndex((text, index) => text !== after[index])
  const at = line === -1 ? before.length : line
  return `is not what the code says, from line ${at + 1} on:
  committed: ${before[at] ?? '(the end)'}
  the code:  ${after[at] ?? '(the end)'}
To write it anew: npm run dumps`
}

const dump = (root: string, env: NodeJS.ProcessEnv, words: string[]) =>
  command(process.execPath, [join(root, 'server/src/cli.ts'), ...words], { cwd: root, env })

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  for (const { file, words } of DUMPS) {
    const { code, output } = await dump(root, process.env, words)
    if (code !== 0) throw new Error(`viewport ${words.join(' ')} ended with ${code}:\n${output}`)
    await writeFile(join(root, file), output)
    console.log(`wrote ${file}`)
  }
}

// Is every file in the one format?
import { command } from './command.ts'
import { green, red, type Stage } from './stage.ts'

export const format: Stage = {
  name: 'format',
  run: async ({ root, env }) => {
    const { code, output } = await command('oxfmt', ['--check'], { cwd: root, env })
    if (code !== 0) return red(`${output.trim()}\nTo format: npm run format`)
    return green(/on (\d+ files)/.exec(output)?.[1] ?? '')
  },
}

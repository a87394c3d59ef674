// Does the linter, which knows the types, find a likely mistake?
import { command } from './command.ts'
import { green, red, type Stage } from './stage.ts'

export const lint: Stage = {
  name: 'lint',
  run: async ({ root, env }) => {
    const words = ['--type-aware', '--deny-warnings', '--report-unused-disable-directives']
    const { code, output } = await command('oxlint', words, { cwd: root, env })
    if (code !== 0) return red(output.trim())
    return green(/on (\d+ files with \d+ rules)/.exec(output)?.[1] ?? '')
  },
}

// Is what we send to a provider as the provider describes it? Installs the descriptions and Prism of e2e/described, which nothing else needs.
import { command } from './command.ts'
import { red, type Stage } from './stage.ts'
import { vitestStage } from './vitest-stage.ts'

const tests = vitestStage('described', 'wait')

export const described: Stage = {
  name: 'described',
  run: async (context) => {
    const { root, env } = context
    const installed = await command(process.execPath, ['e2e/described/install.ts'], { cwd: root, env })
    if (installed.code !== 0) return red(`What e2e/described needs could not be installed:\n${installed.output.trim()}`)
    return tests.run(context)
  },
}

// Do the drivers of vpd hold with the real agents? Installs the exact versions of e2e/agents, which nothing else needs, and plays the contract
// of the drivers with them. Their model is e2e/scripted-model, so there is no key and nothing leaves the machine.
import { command } from './command.ts'
import { red, type Outcome, type Stage } from './stage.ts'
import { vitestStage } from './vitest-stage.ts'

const tests = vitestStage('agents', 'wait')

export const agents: Stage = {
  name: 'agents',
  run: async (context) => {
    const { root, env } = context
    const installed = await command(process.execPath, ['e2e/agents/install.ts'], { cwd: root, env })
    if (installed.code !== 0) return red(`The agents of e2e/agents could not be installed:\n${installed.output.trim()}`)
    const model = await command(process.execPath, ['--test', 'e2e/scripted-model/test.mjs'], { cwd: root, env })
    if (model.code !== 0) return red(`The scripted model does not work:\n${model.output.trim()}`)
    const found = await tests.run(context)
    return { ...found, passed: found.passed + 1 } satisfies Outcome
  },
}

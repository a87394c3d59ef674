// Do the drivers of vpd hold with the real agents? Installs the exact versions of e2e/agents, which nothing else needs, and plays the contract
// of the drivers with them. Their model is e2e/scripted-model, so there is no key and nothing leaves the machine.
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { command } from './command.ts'
import { red, type Outcome, type Stage } from './stage.ts'
import { vitestStage } from './vitest-stage.ts'

const tests = vitestStage('agents')

export const agents: Stage = {
  name: 'agents',
  run: async (context) => {
    const { root, env } = context
    const failure = await install(join(root, 'e2e/agents'), env)
    if (failure !== null) return red(failure)
    const model = await command(process.execPath, ['--test', 'e2e/scripted-model/test.mjs'], { cwd: root, env })
    if (model.code !== 0) return red(`The scripted model does not work:\n${model.output.trim()}`)
    const found = await tests.run(context)
    return { ...found, passed: found.passed + 1 } satisfies Outcome
  },
}

/** The packages as their lock file says. No script of theirs runs: the drivers start the platform's binary itself. */
async function install(folder: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const stamp = join(folder, 'node_modules', '.installed')
  const wanted = createHash('sha256')
    .update(await readFile(join(folder, 'package-lock.json')))
    .digest('hex')
  if ((await readFile(stamp, 'utf8').catch(() => null)) === wanted) return null
  console.log('Installing the real agents, about 900 MB on disk ...')
  const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  const npm = env['npm_execpath']
  const { code, output } = npm?.endsWith('.js')
    ? await command(process.execPath, [npm, ...words], { cwd: folder, env })
    : await command('npm', words, { cwd: folder, env })
  // npm names the registry in its errors, which may be a private one.
  if (code !== 0)
    return `The agents of e2e/agents could not be installed:\n${output.replaceAll(/https?:\/\/[^\s/]+/g, 'the registry').trim()}`
  await writeFile(stamp, wanted)
  return null
}

// Do the types of every room hold?
import { command } from './command.ts'
import { green, red, type Stage } from './stage.ts'

// The core is checked twice: alone, where node:* and process do not exist, and with its tests, where they do.
const PROGRAMS = ['core', 'core/tsconfig.test.json', 'server', 'runner', 'web', 'e2e', 'check', 'bench']

export const types: Stage = {
  name: 'types',
  run: async ({ root, env }) => {
    const complaints: string[] = []
    const left = PROGRAMS.values()
    const checkOn = async (): Promise<void> => {
      for (const program of left) {
        const { code, output } = await command('tsc', ['--project', program], { cwd: root, env })
        if (code !== 0) complaints.push(`${program}:\n${output.trim()}`)
      }
    }
    await Promise.all([checkOn(), checkOn()])
    return complaints.length > 0 ? red(complaints.join('\n\n')) : green(`${PROGRAMS.length} programs`)
  },
}

/** `viewport backup FILE`: everything Viewport knows, in one file. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'
import { fileTrouble } from './input.ts'

type Options = { data?: string; includeKey?: boolean }

const help = `
It works while Viewport runs and while it does not. With DATABASE_URL it backs that database up.
The bytes that runners keep (plans, diffs, logs) are on the runners and not in the file.

Examples:
  viewport backup viewport-2026-11-22.backup
  viewport backup full.backup --include-key     # one file that is enough; keep it like a password`

export const addBackup: AddCommand = (program, cli) => {
  program
    .command('backup')
    .description('write everything Viewport knows to one file')
    .argument('<file>', 'a file that does not exist yet')
    .option('--data <folder>', 'the data folder, as for `viewport up`')
    .option(
      '--include-key',
      'put the installation key into the file, so that its secrets can be opened with nothing else',
    )
    .addHelpText('after', help)
    .action(async (file: string, options: Options) => {
      const { terminal } = cli()
      if (existsSync(file))
        throw new Stop('refused', `${file} exists already; it was left as it is.`, 'Name another file.')
      const [{ withOwnDatabase }, { openDatabase }, { backup }] = await Promise.all([
        import('./own-database.ts'),
        import('../database/open.ts'),
        import('../backup/backup.ts'),
      ])
      const done = await withOwnDatabase(options.data, false, async ({ url, key }) => {
        const db = await openDatabase({ url, key, warn: (words) => terminal.note(words) })
        try {
          return await backup(db, path.resolve(file), { key, includeKey: options.includeKey ?? false })
        } catch (error) {
          if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
          throw new Stop('refused', `${file} could not be written: ${fileTrouble(error)}.`)
        } finally {
          await db.close()
        }
      })
      terminal.give(done, () => {
        terminal.line(
          `${done.file}: ${done.rows} rows of ${done.workspaces} ${done.workspaces === 1 ? 'workspace' : 'workspaces'}, sha256:${done.sha256}`,
        )
        terminal.note(done.words)
      })
    })
}

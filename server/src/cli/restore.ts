/** `viewport restore FILE`: a backup becomes the database again. */
import path from 'node:path'
import { existsSync } from 'node:fs'
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'

type Options = { data?: string; replace?: boolean }

const help = `
No Viewport may run on the data folder meanwhile. Every chain of facts is verified before anything is kept.

Examples:
  viewport restore viewport-2026-11-22.backup --data /srv/viewport
  VIEWPORT_OLD_KEY=… viewport restore viewport-2026-11-22.backup     # sealed with another installation's key`

export const addRestore: AddCommand = (program, cli) => {
  program
    .command('restore')
    .description('make a backup the database')
    .argument('<file>', 'as `viewport backup` wrote it')
    .option('--data <folder>', 'the data folder, as for `viewport up`')
    .option('--replace', 'replace what is in the database')
    .addHelpText('after', help)
    .action(async (file: string, options: Options) => {
      const { terminal, environment } = cli()
      if (!existsSync(file)) throw new Stop('usage', `There is no file ${file}.`)
      const [{ withOwnDatabase }, { restore }, { parseKey }] = await Promise.all([
        import('./own-database.ts'),
        import('../backup/restore.ts'),
        import('../keys/installation-key.ts'),
      ])
      const oldKey = environment.oldKey === null ? undefined : parseKey(environment.oldKey, 'VIEWPORT_OLD_KEY')
      const done = await withOwnDatabase(options.data, true, ({ url, key }) =>
        restore(path.resolve(file), { url, key, ...(oldKey && { oldKey }), replace: options.replace ?? false }),
      )
      terminal.give(done, () =>
        terminal.line(
          `Restored from ${done.from}: ${done.rows} rows of ${done.workspaces} ${done.workspaces === 1 ? 'workspace' : 'workspaces'}, ${done.facts} facts verified${done.migrated.length > 0 ? `, migrations ${done.migrated.join(', ')} applied` : ''}.`,
        ),
      )
    })
}

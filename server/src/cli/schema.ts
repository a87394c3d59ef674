/** `viewport schema`: the database's schema after all migrations, as server/schema.sql holds it. */
import type { AddCommand } from './cli.ts'

export const addSchema: AddCommand = (program, cli) => {
  program
    .command('schema')
    .description("print the database's schema after all migrations")
    .addHelpText('after', '\nIt is made in a database of its own that is thrown away; it takes a few seconds.')
    .action(async () => {
      const { schemaOfMigrations } = await import('../database/schema.ts')
      const { terminal } = cli()
      const schema = await schemaOfMigrations()
      terminal.give({ schema }, () => terminal.line(schema.trimEnd()))
    })
}

/** `viewport sign-in-link @HANDLE`: a link by which a person comes in, once. */
import type { AddCommand } from './cli.ts'
import { personId } from './people.ts'

export const addSignInLink: AddCommand = (program, cli) => {
  program
    .command('sign-in-link')
    .description('make a one-time sign-in link for a person')
    .argument('<handle>', 'like @jess')
    .addHelpText(
      'after',
      '\nWhoever opens the link first is signed in as that person: send it to them alone.\n\nExamples:\n  viewport sign-in-link @jess',
    )
    .action(async (handle: string) => {
      const { terminal, api } = cli()
      const reach = api()
      const link = await reach.signInLink({ params: { person: await personId(reach, handle) } })
      terminal.give(link, () => {
        terminal.line(link.url)
        terminal.note(`It works once, until ${new Date(link.expiresAt).toTimeString().slice(0, 5)}.`)
      })
    })
}

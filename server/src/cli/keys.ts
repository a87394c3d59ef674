/** `viewport keys`: the public keys against which packets are verified; and a new key to sign with. */
import { writeFileSync } from 'node:fs'
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'
import { fileTrouble } from './input.ts'

const help = `
Keep them where the packets do not come from: a packet is only as good as the keys it is verified with.

Examples:
  viewport keys -o viewport.keys.json
  vpd audit verify run-12.packet.zip --key viewport.keys.json
  viewport keys rotate`

const rotateHelp = `
It works while Viewport runs, on the machine of its data folder or with DATABASE_URL and VIEWPORT_KEY; every replica signs with
the new key within a minute. The old key signs nothing more and stays valid for what it signed: packets made before verify as
they did. The old key also signs for the new one, so that runners follow by themselves. Hand the new public keys to whoever
verifies packets: viewport keys -o FILE.

When somebody else may know the old key, that is not enough, because it can sign for another one as well: pair every runner
anew (vpd unpair, vpd pair), and tell those who verify packets from when on not to believe it.`

export const addKeys: AddCommand = (program, cli) => {
  const keys = program
    .command('keys')
    .description("the control plane's public keys, to verify packets with; and a new one")
    .addHelpText('after', help)
  keys
    .command('list', { isDefault: true })
    .description('print the public keys')
    .option('-o, --output <file>', 'write them to a file')
    .action(async (options: { output?: string }) => {
      const { terminal, api } = cli()
      const found = await api().keys()
      const text = JSON.stringify(found, null, 2)
      if (options.output === undefined) return terminal.give(found, () => terminal.line(text))
      try {
        writeFileSync(options.output, `${text}\n`)
      } catch (error) {
        throw new Stop('refused', `${options.output} could not be written: ${fileTrouble(error)}.`)
      }
      return terminal.give({ file: options.output, keys: found.keys.length }, () => terminal.line(options.output))
    })
  keys
    .command('rotate')
    .description('make a new key, which signs from now on')
    .option('--data <folder>', 'the data folder, as for `viewport up`')
    .addHelpText('after', rotateHelp)
    .action(async ({ data }: { data?: string }) => {
      const { terminal } = cli()
      const [{ withOwnDatabase }, { openDatabase }, { rotateSigningKey }] = await Promise.all([
        import('./own-database.ts'),
        import('../database/open.ts'),
        import('../keys/signing-keys.ts'),
      ])
      const signing = await withOwnDatabase(data, false, async ({ url, key }) => {
        const db = await openDatabase({ url, key, warn: (words) => terminal.note(words) })
        try {
          return await rotateSigningKey(db, key)
        } finally {
          await db.close()
        }
      })
      const [now, ...before] = signing.all
      terminal.give({ kid: now!.key.kid, from: now!.from, before: before.map(({ key }) => key.kid) }, () => {
        terminal.line(`Signs from now on: ${now!.key.kid}`)
        for (const { key } of before) terminal.line(`Stays valid for what it signed: ${key.kid}`)
        terminal.note(
          'Runners follow by themselves. Whoever verifies packets needs the new key too: viewport keys -o FILE',
        )
      })
    })
}

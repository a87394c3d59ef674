/** `viewport keys`: the public keys against which packets are verified. */
import { writeFileSync } from 'node:fs'
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'
import { fileTrouble } from './input.ts'

export const addKeys: AddCommand = (program, cli) => {
  program
    .command('keys')
    .description("print the control plane's public keys, to verify packets with")
    .option('-o, --output <file>', 'write them to a file')
    .addHelpText(
      'after',
      '\nKeep them where the packets do not come from: a packet is only as good as the keys it is verified with.\n\nExamples:\n  viewport keys -o viewport.keys.json\n  vpd audit verify run-12.packet.zip --key viewport.keys.json',
    )
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
}

/** `viewport packet RUN`: save the audit packet of a run. */
import { renameSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'
import { fileTrouble } from './input.ts'
import { runRef } from './run-ref.ts'

export const addPacket: AddCommand = (program, cli) => {
  program
    .command('packet')
    .description('save the audit packet of a run, a zip that verifies offline')
    .argument('<run>', 'its number or id')
    .option('-o, --output <file>', 'where to (default: run-N.packet.zip)')
    .addHelpText(
      'after',
      '\nExamples:\n  viewport packet 12 -o run-12.zip\n  viewport keys -o viewport.keys.json && vpd audit verify run-12.zip --key viewport.keys.json',
    )
    .action(async (word: string, options: { output?: string }) => {
      const { terminal, api } = cli()
      const reach = api()
      const run = runRef(word)
      const { number } = await reach.run({ params: { run } })
      const file = options.output ?? `run-${number}.packet.zip`
      const bytes = await save(await reach.packet({ params: { run } }), file)
      terminal.give({ run, number, file, bytes }, () => terminal.line(file))
    })
}

/** Writes the body of an answer to a file, whole or not at all. Gives its bytes. */
export const save = async (response: Response, file: string): Promise<number> => {
  const part = `${file}.part`
  try {
    const out = (await open(part, 'w')).createWriteStream({ flush: true }) // open before it may fail, so that it can be removed
    await pipeline(arriving(response.body as ReadableStream<Uint8Array>), out)
    renameSync(part, file)
    return out.bytesWritten
  } catch (error) {
    rmSync(part, { force: true })
    if (error instanceof Stop) throw error
    throw new Stop('refused', `${file} could not be written: ${fileTrouble(error)}.`)
  }
}

/** What fails here is the way, not the file. */
const arriving = async function* (body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    throw new Stop(
      'unreachable',
      `The packet broke off on its way: ${(error as Error).message}. Nothing was kept.`,
      'Try again; the log of the control plane may say more.',
    )
  }
}

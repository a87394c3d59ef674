/** A process that starts (or adopts) the embedded server of a folder, says how that went, and stays until it is killed. Argument: folder. */
import { startEmbedded } from '../src/embedded/start.ts'

const { pid, port, started, url } = await startEmbedded(process.argv[2]!)
process.stdout.write(`${JSON.stringify({ pid, port, started, url })}\n`)
setInterval(() => {}, 60_000)

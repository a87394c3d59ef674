/** The program `viewport`. What it can do is in cli/program.ts. */
import { runProgram } from './cli/program.ts'

// A reader that went away (`viewport runs | head`) is no fault; what must end in order, does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  if (process.listenerCount('SIGTERM') === 0) process.exit(0)
  process.kill(process.pid, 'SIGTERM')
})
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await runProgram(process.argv.slice(2))

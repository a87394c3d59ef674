/** The program `viewport`. What it can do is in cli/program.ts. */
import { runProgram } from './cli/program.ts'

process.exitCode = await runProgram(process.argv.slice(2))

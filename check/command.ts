// How does a stage run another program?
import { spawn, type ChildProcess } from 'node:child_process'

export type Ended = { code: number; output: string }

type Options = { cwd: string; env: NodeJS.ProcessEnv; live?: boolean; uid?: number; gid?: number }

const running = new Set<ChildProcess>()

/** Asks every program that still runs to end, and waits until it has. */
export async function endCommands(): Promise<void> {
  await Promise.all(
    [...running].map((child) => {
      const ended = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGTERM')
      return ended
    }),
  )
}

/**
 * Runs a program to its end. With `live`, what it says is shown at once; otherwise it is collected in `output`.
 * A program ended by a signal, or one that cannot be started, has a code other than 0.
 */
export function command(program: string, words: string[], { live = false, ...options }: Options): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      ...options,
      stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
    })
    running.add(child)
    const chunks: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('error', (error) => {
      running.delete(child)
      resolve({ code: 127, output: `${program}: ${error.message}` })
    })
    child.on('close', (code, signal) => {
      running.delete(child)
      const output = Buffer.concat(chunks).toString('utf8')
      resolve(
        signal ? { code: 1, output: `${output}\n${program} was ended by ${signal}` } : { code: code ?? 1, output },
      )
    })
  })
}

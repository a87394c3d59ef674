/** What does the person at the keyboard type? One line at a time; what was typed before it was asked for is kept. */
import { createInterface } from 'node:readline'

export type Answers = {
  /** The next line; null when there will be none. Given up when the signal fires: then it resolves with undefined and takes no line. */
  next(signal: AbortSignal): Promise<string | null | undefined>
  close(): void
}

/** Ctrl-C is left to the program: the terminal stays as it is. */
export const openAnswers = (input: NodeJS.ReadableStream = process.stdin): Answers => {
  const lines: string[] = []
  let over = false
  let wake = (): void => {}
  const reader = createInterface({ input, terminal: false })
  reader.on('line', (line) => {
    lines.push(line)
    wake()
  })
  reader.on('close', () => {
    over = true
    wake()
  })
  return {
    next: (signal) =>
      new Promise((resolve) => {
        const done = (said: string | null | undefined): void => {
          wake = () => {}
          signal.removeEventListener('abort', give)
          resolve(said)
        }
        const give = (): void => {
          if (signal.aborted) done(undefined)
          else if (lines.length > 0) done(lines.shift())
          else if (over) done(null)
        }
        wake = give
        signal.addEventListener('abort', give, { once: true })
        give()
      }),
    close: () => reader.close(),
  }
}

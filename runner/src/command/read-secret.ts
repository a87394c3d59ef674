/** How does a person or a program hand a secret to a command? Typed without being shown, or on standard input; never as an argument. */
import { CommandEnd, exitCodes } from './exit.ts'

// Longer than any key.
const longest = 8_192

/** The secret, without the line end. Ends the command when it was interrupted. */
export const readSecret = async (asked: string): Promise<string> =>
  process.stdin.isTTY ? typed(asked) : (await piped()).replace(/\r?\n$/, '')

const piped = async (): Promise<string> => {
  let text = ''
  for await (const part of process.stdin.setEncoding('utf8')) {
    text += part as string
    if (text.length > longest)
      throw new CommandEnd(exitCodes.usage, `What came on standard input is longer than any key.`)
  }
  return text
}

const typed = (asked: string): Promise<string> =>
  new Promise((done, fail) => {
    const { stdin, stderr } = process
    let text = ''
    const end = (how: () => void): void => {
      stdin.setRawMode(false).pause().off('data', take)
      stderr.write('\n')
      how()
    }
    const take = (part: string): void => {
      for (const character of part) {
        if (character === '\r' || character === '\n') return end(() => done(text))
        if (character === '\u0003' || character === '\u0004')
          return end(() => fail(new CommandEnd(exitCodes.interrupted, 'Interrupted. Nothing was kept.')))
        if (character === '\u007f' || character === '\b') text = text.slice(0, -1)
        else if (character >= ' ' && text.length < longest) text += character
      }
    }
    stdin.setRawMode(true).setEncoding('utf8').resume().on('data', take)
    stderr.write(asked) // whoever sees it may type: nothing is echoed any more
  })

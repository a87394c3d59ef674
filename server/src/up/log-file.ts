/** Where does the control plane's log go while a person looks at the terminal? Into a file of the data folder, in lines of JSON. */
import { closeSync, mkdirSync, openSync, statSync, truncateSync } from 'node:fs'
import path from 'node:path'
import pino, { type Logger } from 'pino'

const limit = 20_000_000 // bytes; it starts anew at the start after that

/** A logger to a file, or to stdout for `-`. */
export const openLog = (file: string, level: string): Logger => {
  if (file === '-') return pino({ level })
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  closeSync(openSync(file, 'a', 0o600))
  if (statSync(file).size > limit) truncateSync(file, 0)
  return pino({ level }, pino.destination({ dest: file, sync: true }))
}

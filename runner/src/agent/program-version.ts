/** Which version of a program is here? Asked with an allow-listed environment, an empty HOME and little time; remembered as long as its file stays the same. */
import { statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { collectedText } from '../process/capped-output.ts'
import { bareEnvironment, stepMarker } from '../process/environment.ts'
import { detectHolding } from '../process/isolation.ts'
import { runProgram } from '../process/start-program.ts'
import { heldWall } from '../walls/held.ts'

const known = new Map<string, Promise<string | null>>()

/** What the program at `file` (absolute) says when asked for its version, e.g. 2.1.330; null when it says none within 3 seconds. */
export const programVersion = (file: string, args: readonly string[] = ['--version']): Promise<string | null> => {
  const key = `${file} ${args.join(' ')} ${fingerprint(file)}`
  const before = known.get(key)
  if (before) return before
  const asked = ask(file, args).then((version) => {
    if (version === null) known.delete(key) // it may only have been slow
    return version
  })
  known.set(key, asked)
  return asked
}

const fingerprint = (file: string): string => {
  const found = statSync(file, { throwIfNoEntry: false })
  return found ? `${found.dev} ${found.ino} ${found.size} ${found.mtimeMs}` : 'none'
}

const ask = async (file: string, args: readonly string[]): Promise<string | null> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'vpd-version-'))
  const said = collectedText(10_000)
  try {
    const ended = await runProgram({
      argv: [file, ...args],
      cwd: folder,
      env: bareEnvironment({
        HOME: folder,
        TMPDIR: folder,
        NO_COLOR: '1',
        CI: 'true',
        [stepMarker]: path.basename(folder),
      }),
      input: null,
      wall: heldWall(await detectHolding()),
      folder,
      seconds: 3,
      graceMillis: 200,
      onOutput: (bytes) => said.write(bytes),
    })
    const version = /\d+\.\d+(?:\.\d+)*(?:[-+][\w.]+)?/.exec(said.text())?.[0] ?? null
    return ended.why === 'exit' && ended.exit === 0 ? (version?.slice(0, 80) ?? null) : null
  } catch {
    return null // it is there and cannot be started; the doctor looks closer
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Is version `a` older than `b`? Numbers between dots are compared; what follows them is not. */
export const isOlder = (a: string, b: string): boolean => {
  const [left, right] = [a, b].map((text) => (/^[\d.]+/.exec(text)?.[0] ?? '').split('.').map(Number))
  for (let at = 0; at < 4; at++) {
    const difference = (left?.[at] ?? 0) - (right?.[at] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}

// Installs the exact packages of a folder's lock file, once: what only some tests need and is too big for everybody. No script of theirs runs.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Installs when the lock file is another one than the last time, and says so. True when the packages are there; else what npm said was told, and the program's exit code is 1. */
export async function installOnce(folder: string, words: string, afterwards: () => void = () => {}): Promise<boolean> {
  const stamp = join(folder, 'node_modules', '.installed')
  const wanted = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
  if (readIf(stamp) === wanted) return true
  console.log(`Installing ${words} ...`)
  const { code, said } = await npm(folder)
  if (code !== 0) {
    // npm names the registry in its errors, which may be a private one.
    console.error(said.replaceAll(/https?:\/\/[^\s/]+/g, 'the registry').trim())
    process.exitCode = 1
    return false
  }
  afterwards()
  writeFileSync(stamp, wanted)
  return true
}

const readIf = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

/** What npm says; its code is 0 when the packages are there. */
const npm = (folder: string): Promise<{ code: number; said: string }> => {
  const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  const program = process.env['npm_execpath']
  const [file, ...first] = program?.endsWith('.js') ? [process.execPath, program] : ['npm']
  return new Promise((done, fail) => {
    const child = spawn(file!, [...first, ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += String(part)))
    child.once('error', fail).once('close', (code) => done({ code: code ?? 1, said }))
  })
}

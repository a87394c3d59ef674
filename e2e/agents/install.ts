// Installs the real agents in the exact versions of the lock file beside this, once. No script of theirs runs: the drivers of vpd start the
// platform's binary itself. Run by the stage `agents` of the check and by `npm run bench -- agents`.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const stamp = join(folder, 'node_modules', '.installed')
const wanted = createHash('sha256')
  .update(readFileSync(join(folder, 'package-lock.json')))
  .digest('hex')

/** What npm says; its code is 0 when the packages are there. */
const npm = (): Promise<{ code: number; said: string }> => {
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

const before = ((): string | null => {
  try {
    return readFileSync(stamp, 'utf8')
  } catch {
    return null
  }
})()
if (before !== wanted) {
  console.log('Installing the real agents, about 900 MB on disk ...')
  const { code, said } = await npm()
  if (code === 0) writeFileSync(stamp, wanted)
  else {
    // npm names the registry in its errors, which may be a private one.
    console.error(said.replaceAll(/https?:\/\/[^\s/]+/g, 'the registry').trim())
    process.exitCode = 1
  }
}

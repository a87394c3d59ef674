/** Does a desktop's keyring really keep, give back and forget a key? In a session of its own, with the real gnome-keyring, where they are. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { findProgram } from '../process/find-program.ts'

const needed = ['dbus-run-session', 'gnome-keyring-daemon', 'secret-tool']
const missing = needed.filter((name) => findProgram(name) === null)
const why = missing.length === 0 ? '' : ` (skipped: ${missing.join(', ')} not here)`
const vpd = fileURLToPath(new URL('../../bin/vpd.js', import.meta.url))

// The session ends with the shell, and the keyring with the session.
const session = `printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null
set -e
printf 'sk-ant-0123456789-abcdef\\n' | "$NODE" "$VPD" credentials set model anthropic
"$NODE" "$VPD" credentials --json
secret-tool lookup service viewport-vpd account "$VPD_HOME model/anthropic"; echo
cat "$VPD_HOME/credentials/keys.json"
"$NODE" "$VPD" credentials remove model anthropic
secret-tool lookup service viewport-vpd account "$VPD_HOME model/anthropic" || echo gone`

test.skipIf(missing.length > 0)(
  `a key lies in the keyring and nowhere else${why}`,
  async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'vpd-keyring-'))
    try {
      for (const name of ['home', 'run', 'vpd']) await mkdir(path.join(root, name), { mode: 0o700 })
      const env = {
        PATH: process.env['PATH'],
        HOME: path.join(root, 'home'),
        XDG_RUNTIME_DIR: path.join(root, 'run'),
        VPD_HOME: path.join(root, 'vpd'),
        NODE: process.execPath,
        VPD: vpd,
      }
      const said = await new Promise<string>((done) => {
        const child = spawn('dbus-run-session', ['--', 'sh', '-c', session], { env, stdio: ['ignore', 'pipe', 'pipe'] })
        let text = ''
        for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (text += String(part)))
        child.on('close', () => done(text))
      })
      expect(said).toContain("Kept in the desktop's keyring")
      expect(said).toMatch(/"class":"model","scope":"anthropic","source":"the desktop's keyring"/)
      expect(said.split('sk-ant-0123456789-abcdef')).toHaveLength(2) // what `secret-tool` itself was asked for
      expect(await readFile(path.join(root, 'vpd/credentials/keys.json'), 'utf8')).not.toContain('sk-ant')
      expect(said).toMatch(/Forgotten\.[^]*gone\n$/)
    } finally {
      await rm(root, { recursive: true, force: true, maxRetries: 3 })
    }
  },
  60_000,
)

// The scripted model as a program: an address on loopback that answers the real agents as a script says.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT, type Place } from './place.ts'

/** Starts it for one place. Its requests, with their bodies, are written to `requests.jsonl` there. `models`: those that it lists. `host`: the loopback address at which it listens. */
export async function startModel(
  place: Place,
  script: object,
  models = ['scripted'],
  host = '127.0.0.1',
): Promise<{ url: string; close(): void }> {
  const file = join(place.folder, 'script.json')
  writeFileSync(file, JSON.stringify(script))
  const words = [
    '--script',
    file,
    '--port',
    '0',
    '--host',
    host,
    '--log',
    join(place.folder, 'requests.jsonl'),
    '--bodies',
    '--models',
    models.join(),
  ]
  const child = spawn(process.execPath, [join(ROOT, 'e2e/scripted-model/main.mjs'), ...words], {
    env: place.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((found, fail) => {
    child.stdout.once('data', (bytes: Buffer) => found(String(bytes).trim()))
    child.once('exit', () => fail(new Error('The scripted model ended before it was ready.')))
  })
  return { url, close: () => void child.kill('SIGKILL') }
}

/** A model that plays a script, as a program of its own: e2e/scripted-model. What the agents asked of it is read back from its log. */
import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const program = fileURLToPath(new URL('../../../../e2e/scripted-model/main.mjs', import.meta.url))

/** A turn of the script (see e2e/scripted-model/script.mjs). */
export type Turn = {
  readonly text?: string
  readonly do?: readonly Record<string, unknown>[]
  readonly [more: string]: unknown
}
/** Which turns it plays on a prompt that fits `match`; the first that fits counts. */
export type Conversation = { readonly match: string; readonly turns: readonly Turn[] }

const Request = z.object({
  path: z.string(),
  side: z.boolean().nullish(),
  turn: z.number().nullish(),
  bytes: z.number(),
  body: z.unknown(),
})
export type ModelRequest = z.infer<typeof Request>

export type ScriptedModel = {
  /** e.g. http://127.0.0.1:4711 */
  readonly url: string
  /** Every request so far, bodies included. */
  requests(): Promise<ModelRequest[]>
  close(): Promise<void>
}

/** The use of every turn, as the script tells it; providers count what was cached beside the input (Anthropic) or in it (all others). */
export const perTurn = { input: 1_000, output: 50, cached: 200 }

/** Starts it with these conversations; `folder` takes its script and log. */
export const startScriptedModel = async (
  folder: string,
  conversations: readonly Conversation[],
): Promise<ScriptedModel> => {
  const [script, log] = [path.join(folder, 'script.json'), path.join(folder, 'requests.jsonl')]
  await writeFile(script, JSON.stringify({ usage: perTurn, conversations }))
  await writeFile(log, '')
  const child = spawn(process.execPath, [program, '--script', script, '--port', '0', '--log', log, '--bodies'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] ?? '' },
  })
  const gone = new Promise<void>((done) => child.once('exit', () => done()))
  const url = await new Promise<string>((found, fail) => {
    child.stdout.once('data', (bytes: Buffer) => found(bytes.toString('utf8').trim()))
    child.once('error', fail)
    child.once('exit', () => fail(new Error('the scripted model ended before it was ready')))
  })
  return {
    url,
    requests: async () =>
      (await readFile(log, 'utf8'))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => Request.parse(JSON.parse(line))),
    close: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}

/**
 * How do `vpd status` and `vpd drain` reach a worker that runs on this machine?
 * A socket in the runner's own folder, which only its user can enter: whoever can open it may ask.
 */
import { createHash } from 'node:crypto'
import { lstat, mkdir, rm } from 'node:fs/promises'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'

/** What a worker answers on its socket. */
export type Control = { status(): unknown; drain(): void }

// Socket paths are limited to about a hundred bytes by the system.
const longestPath = 100

/** Opens the socket of a worker; call the answer to close it. The folder's lock must be held: a socket left behind is replaced. */
export const openControl = async (folder: string, control: Control): Promise<() => Promise<void>> => {
  const place = await placeOf(folder)
  if (process.platform !== 'win32') await rm(place, { force: true })
  const server = http.createServer((request, response) => {
    const { method, url } = request
    const known = (method === 'GET' && url === '/status') || (method === 'POST' && url === '/drain')
    if (method === 'POST' && url === '/drain') control.drain()
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json', connection: 'close' })
    response.end(JSON.stringify(known ? control.status() : null))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(place, resolve)
  })
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
}

/** Asks a running worker; null when none answers. */
export const askControl = async (
  folder: string,
  method: 'GET' | 'POST',
  what: '/status' | '/drain',
): Promise<unknown> => {
  const socketPath = await placeOf(folder)
  return new Promise((resolve) => {
    const request = http.request({ socketPath, path: what, method, timeout: 5_000 }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => (text += part))
      response.on('close', () => resolve(response.complete ? JSON.parse(text) : null))
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(null))
    request.end()
  })
}

const placeOf = async (folder: string): Promise<string> => {
  const inside = path.join(folder, 'control.sock')
  const name = createHash('sha256').update(inside).digest('hex').slice(0, 24)
  if (process.platform === 'win32') return `\\\\.\\pipe\\vpd-${name}`
  if (Buffer.byteLength(inside) <= longestPath) return inside
  return path.join(await ownFolder(path.join(os.tmpdir(), `vpd-${process.getuid?.() ?? 0}-${name}`)), 's')
}

/** A folder where everybody may write: one that somebody else put there first, or a link, would give the socket away, to root as well. */
const ownFolder = async (folder: string): Promise<string> => {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  })
  const found = await lstat(folder)
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0)
    throw new Error(`${folder} is not a folder that this user alone can enter. Remove it, or choose a shorter --home.`)
  return folder
}

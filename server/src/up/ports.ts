/**
 * On which port can this Viewport listen?
 * The one that was asked for or none; by default the usual one, else the next that is free.
 */
import net from 'node:net'

/** The usual port, and how many after it are tried. */
export const usualPort = 7171
const tries = 20

/** A port to listen on. `asked` null: the one of last time, the usual one, else a free one after it. Throws with words when nothing fits. */
export const choosePort = async (host: string, asked: number | null, lastTime: number | null): Promise<number> => {
  if (asked !== null) {
    if (asked === 0 || (await isFree(host, asked))) return asked
    if ((await tryPort(host, asked)) === 'EACCES')
      throw new Error(`You may not listen on port ${asked}. Choose one from 1024 on with --port.`)
    throw new Error(
      `Port ${asked} is used by another program. Choose another one with --port, or leave --port out to take a free one.`,
    )
  }
  const candidates = [
    ...(lastTime === null ? [] : [lastTime]),
    ...Array.from({ length: tries }, (_, i) => usualPort + i),
  ]
  for (const port of candidates) if (await isFree(host, port)) return port
  throw new Error(
    `Ports ${usualPort} to ${usualPort + tries - 1} are all used by other programs. Name a free one with --port.`,
  )
}

const isFree = async (host: string, port: number): Promise<boolean> => (await tryPort(host, port)) === null

/** Null when a program can listen there now, else why not. Throws for an address that is not this machine's. */
const tryPort = (host: string, port: number): Promise<'EADDRINUSE' | 'EACCES' | null> =>
  new Promise((resolve, reject) => {
    const probe = net
      .createServer()
      .once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(error.code)
        else
          reject(new Error(`${host} is not an address of this machine to listen on (${error.code ?? error.message}).`))
      })
      .listen(port, host, () => probe.close(() => resolve(null)))
  })

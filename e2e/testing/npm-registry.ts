// A registry of npm packages on this machine, with one package in it: ours, and no more than `npm ci` and `npm install` ask of one.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import type { Place } from './place.ts'

export type NpmRegistry = {
  /** `127.0.0.2:PORT`: an address that programs of a step do not take for their own machine, so that they ask a proxy for it. */
  host: string
  /** Paths that were asked for. */
  asked: string[]
  /** An npm lock file of a package that depends on it. */
  lock(name: string): string
  close(): void
}

/** Starts one that holds `name` at version 1.0.0, whose `index.js` is `source`. */
export async function startRegistry(place: Place, name: string, source: string): Promise<NpmRegistry> {
  const folder = join(place.folder, 'package', 'package')
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name, version: '1.0.0', type: 'module', main: 'index.js' }),
  )
  writeFileSync(join(folder, 'index.js'), source)
  const packed = join(place.folder, 'package.tgz')
  execFileSync('tar', ['-czf', packed, '-C', join(folder, '..'), 'package'])
  const tarball = readFileSync(packed)
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  const asked: string[] = []
  let at = ''
  const server = createServer((request, answer) => {
    asked.push(request.url ?? '')
    if (request.url?.endsWith('.tgz')) return void answer.end(tarball)
    if (request.url !== `/${name}`) return void answer.writeHead(404).end('{}')
    const dist = { integrity, tarball: `http://${at}/${name}/-/${name}-1.0.0.tgz` }
    answer.setHeader('content-type', 'application/json')
    answer.end(
      JSON.stringify({
        name,
        'dist-tags': { latest: '1.0.0' },
        versions: { '1.0.0': { name, version: '1.0.0', dist } },
      }),
    )
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.2', ready))
  at = `127.0.0.2:${(server.address() as AddressInfo).port}`
  return {
    host: at,
    asked,
    lock: (root) =>
      JSON.stringify({
        name: root,
        version: '1.0.0',
        lockfileVersion: 3,
        requires: true,
        packages: {
          '': { name: root, version: '1.0.0', dependencies: { [name]: '1.0.0' } },
          [`node_modules/${name}`]: {
            version: '1.0.0',
            resolved: `http://${at}/${name}/-/${name}-1.0.0.tgz`,
            integrity,
          },
        },
      }),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** A control plane with the wire and nothing else, for tests of relays. */
import type { AddressInfo } from 'node:net'
import pino from 'pino'
import type { TestDatabase } from '../../../test/database.ts'
import { makeApp } from '../../http/app.ts'
import { ownAddress } from '../../http/own-address.ts'
import { loadSigningKeys } from '../../keys/signing-keys.ts'
import { makeStuck } from '../../stuck.ts'
import { wireKeys } from '../../wire/keys.ts'
import { registerWire } from '../../wire/routes.ts'
import type { DoorLimits } from '../door.ts'

/** Listens on a free port. `publicUrl`: how people and runners are told to reach it. */
export const listen = async (
  base: TestDatabase,
  { relays = {}, logged = [] }: { relays?: Partial<DoorLimits>; logged?: string[] } = {},
): Promise<{ url: string; close(): Promise<void> }> => {
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) })
  const at = { port: 0, url: '' }
  const app = await makeApp(
    ownAddress(null, '127.0.0.1', () => at.port),
    log,
  )
  const signing = await loadSigningKeys(base.db, base.key)
  const context = {
    db: base.db,
    stuck: makeStuck(() => {}),
    keys: wireKeys(signing),
    get publicUrl() {
      return at.url
    },
    get replicaUrl() {
      return at.url
    },
    leaseSeconds: 30,
    beatSeconds: 10,
    bodyMillis: 2_000,
    pieceMillis: 60_000,
    log,
  }
  await registerWire(app, context, relays)
  app.post('/api/echo', async (request) => ({ got: request.body }))
  await app.listen({ host: '127.0.0.1', port: 0 })
  at.port = (app.server.address() as AddressInfo).port
  at.url = `http://127.0.0.1:${at.port}`
  return { url: at.url, close: () => app.close() }
}

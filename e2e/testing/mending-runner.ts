// A runner whose agent is a script: what is tried is what happens to its change afterwards.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect } from 'vitest'

import type { Place } from './place.ts'
import { start, vpdProgram, type Running } from './program.ts'

/** The command `mender` of the runner in this place writes something new into price.txt. `told`: with what it was told before it, so that it is seen in git what reached it. */
export const writeMender = (machine: Place, { told = false } = {}): void => {
  const own = join(machine.home, '.viewport/runner')
  mkdirSync(own, { recursive: true })
  const mender = join(machine.folder, 'mender')
  const fresh = 'cat /proc/sys/kernel/random/uuid'
  writeFileSync(mender, `#!/bin/sh\nset -e\n${told ? `{ cat; ${fresh}; }` : fresh} > price.txt\n`)
  chmodSync(mender, 0o755)
  const command = `argv: ["${mender}"], ${told ? 'prompt: stdin, ' : ''}modes: [edit]`
  writeFileSync(
    join(own, 'policy.yaml'),
    `commands: { mender: { ${command} } }\nwalls: { read: ["${machine.folder}"] }\n`,
  )
}

/** Pairs it with the control plane at `url`, for acme/shop. `tell`: runs a command of the control plane's admin. */
export const pairRunner = async (
  machine: Place,
  url: string,
  tell: (...words: string[]) => Promise<unknown>,
): Promise<void> => {
  const pairing = start(machine, vpdProgram, ['pair', '--worker', '--server', url])
  const [, said = ''] = await pairing.says(/check there: (\w+ \w+ \w+)/)
  const [, code = ''] = /code: (\S+)/.exec(pairing.out())!
  await tell('runners', 'approve', code, '--words', said, '--pool', 'default', '--repo', 'acme/shop')
  expect(await pairing.ended).toMatchObject({ code: 0 })
}

/** Starts it; resolves once it is online. */
export const startRunner = async (machine: Place): Promise<Running> => {
  const worker = start(machine, vpdProgram, ['worker', 'start'])
  await worker.says(/online/)
  return worker
}

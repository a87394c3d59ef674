/** Does the system run the worker: is a service installed, switched on and running, and does it live when nobody is logged in? */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { keeperOf, thisMachine, type Keeper, type Machine } from '../service/keeper.ts'
import { unitName } from '../service/systemd-unit.ts'
import { bad, good, known, type Finding } from './finding.ts'

type Ask = {
  readonly machine?: Machine
  /** Where systemd notes whose services live without a login. */
  readonly lingerFolder?: string
  readonly user?: string
  readonly env?: NodeJS.ProcessEnv
  /** Of the services of the whole system, in the place of /etc/systemd/system. */
  readonly systemFile?: string
}

/** Looks at the service of this user, and at that of the whole system; each question takes five seconds at most. */
export const serviceFindings = async (ask: Ask = {}): Promise<Finding[]> => {
  const { machine = thisMachine(), env = process.env } = ask
  const own = keeperOf(machine, false)
  const whole = keeperOf(machine, true)
  if (typeof own === 'string' || typeof whole === 'string')
    return [known('service', typeof own === 'string' ? own : String(whole))]
  const system = { ...whole, file: ask.systemFile ?? whole.file }
  const installed = [
    ...(existsSync(own.file) ? [{ keeper: own, all: false }] : []),
    ...(existsSync(system.file) ? [{ keeper: system, all: true }] : []),
  ]
  if (installed.length === 0)
    return [
      known(
        'service',
        'none is installed: the worker ends with the session that started it',
        'Run `vpd service install`, so that it starts again after a fault and with the machine.',
      ),
    ]
  const found = await Promise.all(installed.map(({ keeper, all }) => stateFindings(keeper, all, env)))
  const linger = installed.some(({ all }) => !all) && own.kind === 'systemd' ? [lingerFinding(ask)] : []
  return [...found.flat(), ...linger]
}

const stateFindings = async (keeper: Keeper, all: boolean, env: NodeJS.ProcessEnv): Promise<Finding[]> => {
  const what = 'service'
  const [sudo, flag] = all ? ['sudo ', ''] : ['', ' --user']
  if (keeper.kind === 'launchd')
    return [
      (await succeeds(keeper.status, env))
        ? good(what, `runs, ${keeper.file}`)
        : bad(what, `is installed (${keeper.file}) and not loaded`, 'Run `vpd service install`.'),
    ]
  const ctl = ['systemctl', ...(all ? [] : ['--user'])]
  const [enabled, active] = await Promise.all([
    succeeds([...ctl, 'is-enabled', unitName], env),
    succeeds(keeper.status, env),
  ])
  const log = `\`journalctl${flag} -u ${unitName} -n 50\``
  return [
    active
      ? good(what, `runs, ${keeper.file}`)
      : bad(
          what,
          `is installed (${keeper.file}) and does not run`,
          `Run \`${sudo}systemctl${flag} start ${unitName}\`; ${log} says why it ended.`,
        ),
    ...(enabled
      ? []
      : [
          bad(
            what,
            `does not start with the ${all ? 'machine' : 'login'}`,
            `Run \`${sudo}systemctl${flag} enable ${unitName}\`.`,
          ),
        ]),
  ]
}

const lingerFinding = ({ lingerFolder = '/var/lib/systemd/linger', user = os.userInfo().username }: Ask): Finding =>
  existsSync(path.join(lingerFolder, user))
    ? good('lingering', `services of ${user} live without a login`)
    : bad('lingering', `services of ${user} end when nobody is logged in`, 'Run `loginctl enable-linger`.')

const succeeds = ([program, ...words]: readonly string[], env: NodeJS.ProcessEnv): Promise<boolean> =>
  new Promise((resolve) => {
    execFile(program!, words, { env, timeout: 5_000 }, (error) => resolve(error === null))
  })

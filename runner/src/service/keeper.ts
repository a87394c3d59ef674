/** Which program keeps services on this machine, where do its files lie, and with which commands is it told? */
import { existsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { findProgram } from '../process/find-program.ts'
import { label, launchdPlist } from './launchd-plist.ts'
import { systemdUnit, unitName } from './systemd-unit.ts'
import type { WorkerLine } from './worker-line.ts'

export type Keeper = {
  readonly kind: 'systemd' | 'launchd'
  readonly file: string
  text(line: WorkerLine): string
  /** Commands that start it now and at every start of the machine (or login). */
  readonly start: readonly (readonly string[])[]
  readonly stop: readonly (readonly string[])[]
  /** After its file was removed. */
  readonly forget: readonly (readonly string[])[]
  readonly status: readonly string[]
  /** What is left for a person to know or do. */
  readonly after: string
}

export type Machine = { platform: string; home: string; configHome: string; uid: number; hasSystemd: boolean }

export const thisMachine = (): Machine => ({
  platform: process.platform,
  home: os.homedir(),
  configHome: process.env['XDG_CONFIG_HOME'] || path.join(os.homedir(), '.config'),
  uid: process.getuid?.() ?? 0,
  hasSystemd: findProgram('systemctl') !== null && existsSync('/run/systemd/system'),
})

/** `all`: a service of the whole system. `write`: only its file is wanted, so that nothing has to run. A text: why there is none. */
export const keeperOf = (machine: Machine, all: boolean, write = false): Keeper | string => {
  if (machine.platform === 'darwin') return launchd(machine, all)
  if (machine.platform === 'win32')
    return 'vpd does no steps on Windows itself, so there is nothing to keep running. Install it in WSL 2, with systemd (`vpd service install` there), or let the Task Scheduler start `wsl.exe -e vpd worker start` at logon.'
  if (machine.platform !== 'linux' || (!machine.hasSystemd && !write))
    return 'Neither systemd nor launchd runs on this machine. Let what starts programs here (an init script, a supervisor, a container) run `vpd worker start`; `vpd service install --print` shows the settings.'
  return systemd(machine, all)
}

const systemd = ({ configHome }: Machine, all: boolean): Keeper => {
  const ctl = ['systemctl', ...(all ? [] : ['--user'])]
  return {
    kind: 'systemd',
    file: all ? `/etc/systemd/system/${unitName}` : path.join(configHome, 'systemd', 'user', unitName),
    text: systemdUnit,
    start: [
      [...ctl, 'daemon-reload'],
      [...ctl, 'enable', '--now', unitName],
    ],
    stop: [[...ctl, 'disable', '--now', unitName]],
    forget: [[...ctl, 'daemon-reload']],
    status: [...ctl, 'is-active', unitName],
    after: all
      ? `Its log: \`journalctl -u ${unitName} -f\`. \`systemctl stop vpd\` lets running work end first.`
      : `Its log: \`journalctl --user -u ${unitName} -f\`. So that it runs while you are not logged in: \`loginctl enable-linger\`.`,
  }
}

const launchd = ({ home, uid }: Machine, all: boolean): Keeper => {
  const domain = all ? 'system' : `gui/${uid}`
  const file = all
    ? `/Library/LaunchDaemons/${label}.plist`
    : path.join(home, 'Library', 'LaunchAgents', `${label}.plist`)
  return {
    kind: 'launchd',
    file,
    text: launchdPlist,
    start: [['launchctl', 'bootstrap', domain, file]],
    stop: [['launchctl', 'bootout', `${domain}/${label}`]],
    forget: [],
    status: ['launchctl', 'print', `${domain}/${label}`],
    after:
      'Its log is service.log in the home of the runner. `vpd drain --wait` lets running work end before you stop it.',
  }
}

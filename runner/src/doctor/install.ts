/** With which command is a package installed on this system? From its own os-release; unknown systems get the name alone. */
import { readFile } from 'node:fs/promises'

const managers: readonly (readonly [ids: readonly string[], command: string])[] = [
  [['debian', 'ubuntu'], 'apt-get install -y'],
  [['fedora', 'rhel', 'centos', 'amzn'], 'dnf install -y'],
  [['alpine'], 'apk add'],
  [['arch'], 'pacman -S'],
  [['suse', 'opensuse'], 'zypper install -y'],
]

/** "sudo apt-get install -y bubblewrap", or in words. `release`: the text of /etc/os-release. */
export const installCommand = (name: string, release: string, platform: string = process.platform): string => {
  if (platform === 'darwin') return `brew install ${name}`
  const of = (key: string): string => new RegExp(`^${key}=["']?([^"'\\n]*)`, 'm').exec(release)?.[1] ?? ''
  const ids = `${of('ID')} ${of('ID_LIKE')}`.toLowerCase().split(/\s+/)
  const found = managers.find(([names]) =>
    names.some((one) => ids.some((id) => id === one || id.startsWith(`${one}-`))),
  )
  return found ? `sudo ${found[1]} ${name}` : `install the package ${name}`
}

/** This system's os-release; empty where there is none. */
export const osRelease = (): Promise<string> => readFile('/etc/os-release', 'utf8').catch(() => '')

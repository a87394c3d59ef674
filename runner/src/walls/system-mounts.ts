/**
 * What of the system does a step see?
 * Programs, libraries and certificates, read-only. Of /etc only what programs need to run: no password hashes, no host keys, no settings with
 * tokens. No /home, /root, /run, /var, /sys or /opt.
 */
import { existsSync, lstatSync, readlinkSync } from 'node:fs'
import os from 'node:os'

const top = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store', '/gnu/store'] as const

const etc = [
  'alternatives',
  'ca-certificates',
  'ca-certificates.conf',
  'crypto-policies',
  'debian_version',
  'fonts',
  'gai.conf',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'lsb-release',
  'mime.types',
  'nsswitch.conf',
  'os-release',
  'pki/ca-trust',
  'pki/tls/cert.pem',
  'pki/tls/certs',
  'protocols',
  'services',
  'ssl/cert.pem',
  'ssl/certs',
  'ssl/openssl.cnf',
  'timezone',
] as const

/** Is this path part of what every step sees of the system? */
export const isSeenAnyway = (file: string): boolean => top.some((one) => file === one || file.startsWith(`${one}/`))

/** bubblewrap's words for it. `resolver`: with the network open, names are resolved as outside. */
export const systemMounts = (resolver: boolean): string[] => [
  ...top.flatMap((name) => {
    const found = lstatSync(name, { throwIfNoEntry: false })
    if (!found) return []
    return found.isSymbolicLink() ? ['--symlink', readlinkSync(name), name] : ['--ro-bind', name, name]
  }),
  ...[...etc, ...(resolver ? ['resolv.conf'] : [])]
    .map((name) => `/etc/${name}`)
    .filter((file) => existsSync(file))
    .flatMap((file) => ['--ro-bind', file, file]),
]

/** The user that programs are inside. */
export const stepUser = { name: 'step', uid: 1000, gid: 1000 } as const

/** /etc/passwd, /etc/group and /etc/hosts as programs find them inside. */
export const accountFiles = (home: string): Readonly<Record<string, string>> => ({
  '/etc/passwd': `root:x:0:0:root:/nonexistent:/usr/sbin/nologin\n${stepUser.name}:x:${stepUser.uid}:${stepUser.gid}:step:${home.replace(/[:\n]/g, '_')}:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n`,
  '/etc/group': `root:x:0:\n${stepUser.name}:x:${stepUser.gid}:\nnogroup:x:65534:\n`,
  '/etc/hosts': '127.0.0.1 localhost\n::1 localhost\n',
})

/** HOME of whoever runs vpd, by the system's word and not by the environment's. */
export const ownHome = (): string => {
  try {
    return os.userInfo().homedir
  } catch {
    return os.homedir() // a user without an entry, as in containers
  }
}

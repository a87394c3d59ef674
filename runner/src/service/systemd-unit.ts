/**
 * How does systemd run a worker?
 * It is held as tightly as the sandbox of steps allows: bubblewrap makes namespaces and mounts /proc, so what forbids that (ProtectKernelTunables,
 * ProtectProc, RestrictNamespaces, a filter without mounts) is not there. Stopping it drains it first.
 */
import { drainWords, oneLine, workerWords, writtenBy, type WorkerLine } from './worker-line.ts'

export const unitName = 'vpd.service'

/** How long a stop waits for work that runs; then it is ended, and the control plane is told. */
const drainMinutes = 15

/** systemd.service(5): quoted, with its own signs doubled. */
const word = (text: string): string =>
  `"${oneLine(text).replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`
/** A path in a setting that is no command line: no `$` is read there. */
const path = (text: string): string => `"${oneLine(text).replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`

/** The unit's text. */
export const systemdUnit = (line: WorkerLine): string => `# ${writtenBy}
[Unit]
Description=vpd, runs coding agents for Viewport
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=10min
StartLimitBurst=10

[Service]
Type=exec
${line.user === null ? '' : `User=${oneLine(line.user)}\n`}ExecStart=${workerWords(line).map(word).join(' ')}
ExecStop=${drainWords(line).map(word).join(' ')}
TimeoutStopSec=${drainMinutes}min
KillMode=mixed
Restart=on-failure
RestartSec=5
# What a restart does not mend: wrong words, a refusal, not paired, running already, removed.
RestartPreventExitStatus=2 3 5 6 7
Environment=${path(`PATH=${line.path}`)}
WorkingDirectory=${oneLine(line.home).replaceAll('%', '%%')}
UMask=0077
LimitNOFILE=65536
LimitCORE=0
TasksMax=4096

# Only the runner's home can be written; other homes can be read for agents that are installed there.
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths=${path(line.home)}
PrivateTmp=yes
PrivateDevices=yes
NoNewPrivileges=yes
${line.user === null ? '' : 'CapabilityBoundingSet=\nAmbientCapabilities=\nProtectClock=yes\nProtectKernelModules=yes\nProtectHostname=yes\n'}ProtectControlGroups=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service @mount
SystemCallErrorNumber=EPERM
KeyringMode=private
RemoveIPC=yes

[Install]
WantedBy=${line.user === null ? 'default.target' : 'multi-user.target'}
`

/** Which wall is there where nothing else is? None around files and network: the processes alone are held. */
import type { Isolation } from '@viewportai/core/run/facts'
import type { Holding } from '../process/isolation.ts'
import type { Wall } from './wall.ts'

/** Process 1 of the namespace: passes the exit code on, reaps orphans, survives TERM so that the program may end well; falls with vpd's pipe (fd 3). */
const init = `trap : TERM INT HUP
( trap '' TERM INT HUP; read -r _ <&3; kill -KILL -1 ) </dev/null >/dev/null 2>&1 &
exec 3<&-
"$@"
exit $?`

/** The isolation of a way of holding alone. */
export const heldIsolation = (holding: Holding): Isolation => ({
  level: 'none',
  processes: holding.processes,
  modelGateway: false,
  gitGateway: true,
  network: 'open',
})

/** The wall that holds processes alone. */
export const heldWall = (holding: Holding): Wall => ({
  isolation: heldIsolation(holding),
  enclose: async ({ argv, cwd, env }) =>
    holding.processes === 'sweep'
      ? { argv, cwd, env, open: [], held: 'sweep' }
      : {
          argv: [...holding.argv, '--', '/bin/sh', '-c', init, 'vpd-init', ...argv],
          cwd,
          env,
          open: [],
          held: 'pid-namespace',
        },
  close: async () => {},
})

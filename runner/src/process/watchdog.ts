/**
 * Who ends a step's processes when vpd is killed and there is no pid namespace?
 * A small shell outside the step's group that holds a pipe to vpd: when the pipe breaks it kills the group and every process with the marker.
 */
import { spawn } from 'node:child_process'
import { bareEnvironment, stepMarker } from './environment.ts'

const script = `read -r word
[ "$word" = over ] && exit 0
tries=0
while [ $tries -lt 50 ]; do
  found=
  kill -KILL -- "-$1" 2>/dev/null && found=1
  for file in /proc/[0-9]*/environ; do
    if tr '\\0' '\\n' <"$file" 2>/dev/null | grep -qxF "$2"; then
      pid=\${file#/proc/}
      kill -KILL "\${pid%/environ}" 2>/dev/null && found=1
    fi
  done
  [ -z "$found" ] && exit 0
  tries=$((tries + 1))
done`

/** Watches over a group and a marker until `over` is called, or until vpd dies. */
export const watchFromOutside = (group: number, marker: string): { over(): void } => {
  const child = spawn('/bin/sh', ['-c', script, 'vpd-watchdog', String(group), `${stepMarker}=${marker}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: bareEnvironment(),
    detached: true,
  })
  child.stdin.on('error', () => {})
  child.on('error', () => {})
  child.unref()
  return { over: () => void child.stdin.end('over\n') }
}

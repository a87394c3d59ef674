/**
 * Does vpd itself run in a container? What the usual ones leave behind is looked for; the owner's word alone does not make one. What the container holds
 * nobody can see from inside (a privileged one, or one with the engine's socket, holds nothing), so it is never counted as a wall by itself.
 */
import { existsSync, readFileSync } from 'node:fs'

/** How it can be told, or null. */
export const containerSign = (): string | null => {
  for (const file of ['/.dockerenv', '/run/.containerenv']) if (existsSync(file)) return file
  if (process.env['KUBERNETES_SERVICE_HOST'] !== undefined) return 'KUBERNETES_SERVICE_HOST'
  if (process.env['container'] !== undefined) return 'the environment variable container'
  const groups = read('/proc/1/cgroup')
  return /docker|kubepods|containerd|libpod|lxc/.test(groups) ? '/proc/1/cgroup' : null
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

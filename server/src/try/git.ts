/**
 * How is a person's own repository read, so that nothing in it changes?
 * No lock files, no refreshed index, no hooks, no monitors, no filters that store what they read; nobody's global settings.
 */
import { spawnSync } from 'node:child_process'
import { Stop } from '../cli/exit.ts'

const settings = [
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.hooksPath=/dev/null',
  'filter.lfs.clean=',
  'filter.lfs.process=',
  'filter.lfs.required=false',
].flatMap((one) => ['-c', one])

/** The answer without the line feed at its end; null when git said no. `words` begin with the subcommand. */
export const readGit = (folder: string, ...words: string[]): string | null => {
  const { status, stdout } = askGit(folder, words)
  return status === 0 ? stdout.replace(/\n$/, '') : null
}

/** The same with git's own words about a no. Throws a `Stop` when git is not there. */
export const askGit = (
  folder: string,
  words: readonly string[],
): { status: number | null; stdout: string; stderr: string } => {
  const { status, stdout, stderr, error } = spawnSync('git', [...settings, ...words], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: {
      PATH: process.env['PATH'] ?? '',
      LC_ALL: 'C',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_NO_LAZY_FETCH: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: process.platform === 'win32' ? 'NUL' : '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      ...(process.env['SUDO_UID'] ? { SUDO_UID: process.env['SUDO_UID'] } : {}),
    },
  })
  if (error && (error as NodeJS.ErrnoException).code === 'ENOENT')
    throw new Stop('refused', 'git is not on the PATH.', 'Install git 2.30 or newer.')
  if (error) throw new Stop('refused', `git could not read ${folder}: ${error.message}`)
  return { status, stdout, stderr }
}

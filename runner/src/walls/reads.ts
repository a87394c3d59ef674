/** What may a program behind a wall read beside the system's and the step's files? Its installation, what PATH names, what the owner lets steps read. */
import path from 'node:path'
import { filesOfPath, filesOfProgram } from './program-files.ts'
import { isSeenAnyway, ownHome } from './system-mounts.ts'
import type { Inside, Openings } from './wall.ts'

/** Absolute paths; some may be below others. */
export const readsOf = (openings: Pick<Openings, 'home' | 'reads'>, program: Inside): string[] => {
  const user = ownHome()
  const homes = [user, openings.home]
  const search = program.env['PATH'] ?? ''
  const programs = [program.argv[0] ?? '', process.execPath].filter((file) => path.isAbsolute(file))
  return [
    ...filesOfPath(search, homes),
    ...programs.flatMap((file) => filesOfProgram(file, homes)),
    ...(program.reads ?? []),
    ...openings.reads,
  ].filter((file) => !isSeenAnyway(file) && !within(file, program.folder))
}

/** Is the file this folder, or below it? */
export const within = (file: string, folder: string): boolean => file === folder || file.startsWith(`${folder}/`)

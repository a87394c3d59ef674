/**
 * How is a hook of a repository run?
 * By a script of vpd's that lies where the agent cannot write: it looks first whether the files that are meant are as they were at the base, and lets
 * nothing of what the hook says answer for a person. A hook can forbid (exit code 2, its words on standard error); it can allow and change nothing.
 */
import { shellWord } from '../agent/shell-words.ts'
import type { Hook } from './loaded.ts'

/** `clone`: where the agent works. `base`: where copies of the files lie. `files`: those that must be as they were; `folders`: in which nothing else may be. */
export type HookPlace = {
  readonly clone: string
  readonly base: string
  readonly files: readonly string[]
  readonly folders: readonly string[]
}

/** Events whose plain output the agent reads as words beside its task. */
const speaking = new Set(['SessionStart', 'UserPromptSubmit'])

/** The text of the script. */
export const hookScript = ({ event, command }: Hook, { clone, base, files, folders }: HookPlace): string => {
  // A hook that forbids must not be got rid of by changing its file: then the call is forbidden.
  const changed = event === 'PreToolUse' ? 2 : 0
  const run = `sh -c ${shellWord(command)}`
  // One that cannot be started forbids nothing by itself.
  const gone = changed === 0 ? [] : ['if [ $code -eq 126 ] || [ $code -eq 127 ]; then exit 2; fi']
  return [
    '#!/bin/sh',
    // Names in its command are meant from the clone, wherever the session stands now.
    `cd ${shellWord(clone)} || exit ${changed}`,
    `for file in ${files.map(shellWord).join(' ')}; do`,
    `  if [ -L ${shellWord(clone)}/"$file" ] || ! cmp -s ${shellWord(clone)}/"$file" ${shellWord(base)}/"$file"; then`,
    '    echo "A hook of the repository was not run: $file is not as it is at the base." >&2',
    `    exit ${changed}`,
    '  fi',
    'done',
    ...folders.flatMap((folder) => [
      `if [ "$(ls -A ${shellWord(clone)}/${shellWord(folder)})" != "$(ls -A ${shellWord(base)}/${shellWord(folder)})" ]; then`,
      `  echo "A hook of the repository was not run: "${shellWord(folder)}" holds other files than at the base." >&2`,
      `  exit ${changed}`,
      'fi',
    ]),
    // What it says as JSON would be read as a decision; a line before it makes it words.
    ...(speaking.has(event)
      ? [
          `said=$(${run})`,
          'code=$?',
          `[ -z "$said" ] || printf 'A hook of the repository says:\\n%s\\n' "$said"`,
          'exit $code',
        ]
      : [`${run} >/dev/null`, 'code=$?', ...gone, 'exit $code']),
    '',
  ].join('\n')
}

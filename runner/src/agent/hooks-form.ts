/** Which hooks is an agent told of, in the form that Claude Code and Codex share? By event; each runs a script of vpd's and nothing else. */
import type { LoadedSettings } from '../settings/given.ts'
import { shellWord } from './shell-words.ts'

/** What stands below `hooks` in the settings of either program. */
export const hooksForm = (hooks: LoadedSettings['hooks']): Record<string, object[]> =>
  Object.fromEntries(
    [...new Set(hooks.map(({ event }) => event))].map((event) => [
      event,
      hooks
        .filter((hook) => hook.event === event)
        .map(({ matcher, script, seconds }) => ({
          ...(matcher !== null && { matcher }),
          hooks: [
            { type: 'command', command: `sh ${shellWord(script)}`, ...(seconds !== null && { timeout: seconds }) },
          ],
        })),
    ]),
  )

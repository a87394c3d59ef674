/**
 * Which actions can a workflow take?
 * Every tool's actions, connected or not, so that a file is valid or not by itself. It never does anything.
 */
import type { ActionForm } from './form.ts'
import { build } from './tool/build.ts'
import { chat } from './tool/chat.ts'
import { git } from './tool/git.ts'
import { github } from './tool/github.ts'
import { gitlab } from './tool/gitlab.ts'
import { tickets } from './tool/tickets.ts'

export const actions: Readonly<Record<string, ActionForm>> = {
  ...github,
  ...git,
  ...gitlab,
  ...chat,
  ...tickets,
  ...build,
}

/** The names of all actions, in the order they are listed to people. */
export const actionNames: readonly string[] = Object.keys(actions)

/** The form of an action, or null when there is none of this name. */
export const actionForm = (name: string): ActionForm | null => (Object.hasOwn(actions, name) ? actions[name]! : null)

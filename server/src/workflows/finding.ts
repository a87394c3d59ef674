/** What is said of one name that a workflow needs: where it leads, or why it leads nowhere and what fixes that. */
import type { z } from 'zod'
import type { Missing } from '@viewportai/core/api/workflows'

export type MissingThing = z.infer<typeof Missing>
export type Resolved = { kind: string; name: string; to: string }
export type Finding = MissingThing | Resolved

/** A thing that is missing. `label`: the button; `href`: a place of the web app; `command`: of `viewport` or `vpd`. */
export const lacking = (
  kind: MissingThing['kind'],
  name: string,
  why: string,
  label: string,
  { href = null, command = null }: { href?: string | null; command?: string | null } = {},
): MissingThing => ({ kind, name, why, fix: { label, href, command } })

/** By which name is an account of a tool known in a workspace? The same for who did something, who reviewed, and who was linked to a person. */

/** `server`: whose numbers these are (`Tool.accountsAt`), null where a tool's ids mean the same everywhere. Like `github:583231`, `github:ghe.acme.dev/7`. */
export const accountName = (tool: string, server: string | null, id: string): string =>
  `${tool}:${server === null ? '' : `${server}/`}${id}`

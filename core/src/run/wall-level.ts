/**
 * Which wall holds as much as which, and is a step behind the one it needs?
 * Each level holds what those before it hold. `container` is a sandbox inside a container of vpd's own: never the container alone.
 */

/** From the weakest to the strongest. */
export const wallLevels = ['none', 'user', 'sandbox', 'container'] as const
export type WallLevel = (typeof wallLevels)[number]

/** The levels that this one satisfies. */
export const atLeast = (level: WallLevel): WallLevel[] => wallLevels.slice(0, wallLevels.indexOf(level) + 1)

/** What a step must be behind: what its workflow wants, and what its runner said when it came online. null: it wants none, or nobody knows. */
export type WallNeeds = { readonly workflow: WallLevel | null; readonly hello: WallLevel | null }

/** Why a step may not begin behind this wall, or null. */
export const tooWeak = (level: WallLevel, { workflow, hello }: WallNeeds): string | null => {
  if (workflow && !atLeast(level).includes(workflow))
    return `its workflow wants steps behind the wall ${workflow}, and this one would be behind ${level}`
  if (hello && !atLeast(level).includes(hello))
    return `the runner said that its steps are behind the wall ${hello}, and this one would be behind ${level}`
  return null
}

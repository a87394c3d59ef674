/** Milliseconds of GitHub's time (`2026-01-31T09:30:00Z`), or null. */
export const instant = (text: string | null): number | null => {
  const at = text === null ? Number.NaN : Date.parse(text)
  return Number.isFinite(at) ? at : null
}

/** Milliseconds of GitLab's time, or null. A webhook may write it as `2017-09-15 16:52:00 UTC`. */
export const instant = (text: string | null | undefined): number | null => {
  const plain = text?.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) UTC$/, '$1T$2Z')
  const at = plain ? Date.parse(plain) : Number.NaN
  return Number.isFinite(at) ? at : null
}

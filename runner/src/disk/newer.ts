/** Was this written by a newer vpd than this one? What cannot be understood must not be acted on, and least of all be thrown away. */

/** A newer vpd kept something here; `file` says what. This version does not start on it. */
export class NewerVpd extends Error {
  override readonly name = 'NewerVpd'
  constructor(file: string) {
    super(
      `${file} was written by a newer vpd than this one. Start that version again (\`npm i -g @viewportai/daemon@latest\`), let it finish (\`vpd drain --wait\`), and go back to this one then.`,
    )
  }
}

/** Throws NewerVpd when the version that stands in `v` is above what this vpd knows. */
export const refuseNewer = (file: string, value: unknown, known: number): void => {
  const v = typeof value === 'object' && value !== null && 'v' in value ? value.v : undefined
  if (typeof v === 'number' && v > known) throw new NewerVpd(file)
}

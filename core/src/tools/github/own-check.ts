/**
 * Which effect of ours does a check at GitHub belong to?
 * GitHub keeps the intent with it as `external_id`, which every App may write as it likes: only together with our own App's number it says anything.
 */
type Check = {
  readonly external_id?: string | null | undefined
  readonly app?: { readonly id?: number | null | undefined } | null | undefined
}

/** The intent of a check that our own App reported, or null. `settings`: of the connection; one with a token reports none. */
export const intentOf = (check: Check, settings: Readonly<Record<string, string>>): string | null => {
  const app = settings['app']
  const id = check.external_id ?? ''
  return app && String(check.app?.id ?? '') === app && /^int_[0-9a-z]{1,60}-\d{1,9}$/.test(id) ? id : null
}

/** Does GitHub say that an App reported it which is not ours? */
export const isOfAnother = ({ app }: Check, settings: Readonly<Record<string, string>>): boolean =>
  typeof app?.id === 'number' && settings['app'] !== undefined && String(app.id) !== settings['app']

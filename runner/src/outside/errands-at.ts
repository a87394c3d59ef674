/** What can this version of vpd be sent to do with the credential of a tool, beside the actions of runs? */
import { actingAt } from '@viewportai/core/tools/acting'
import { actionOfErrand, type ErrandKind } from '@viewportai/core/wire/errand'

/** Each with the name under which a credential, and the policy, let it. */
export const errandsAt = (tool: string): { readonly what: ErrandKind; readonly action: string }[] => {
  const acting = actingAt(tool)
  return (['sight', 'status'] as const).flatMap((what) =>
    acting?.[what] === undefined ? [] : [{ what, action: actionOfErrand({ tool, what }) }],
  )
}

/**
 * Which reading of the facts are kept states made with?
 * A control plane keeps the folded state of each run, and rows read from it, beside the facts. It never says how: `evolve` does.
 */

/**
 * Kept with every state. Raise it by one, in the same commit, when the same facts give another `RunState` (`state.ts`, `evolve.ts`)
 * or other rows for lists (`view/board-row.ts`, `view/gate-item.ts`, `due.ts`, the control plane's `ledger/reading.ts`): a new
 * field, another name, another meaning, other words. At the next start states made with another number are folded from their
 * facts anew, instead of being read in a shape they do not have. `fold-version.test.ts` here and `reading.test.ts` of the ledger
 * turn red when it was forgotten. Facts themselves never change: what they mean stays readable for ever.
 */
export const foldVersion = 17

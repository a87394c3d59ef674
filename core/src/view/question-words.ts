/** What did a run ask about, in a few words? By the name of its question, which the workflow does not write. */

const words: Readonly<Record<string, string>> = {
  agent: 'a question of its agent',
  breaker: 'one start too many',
  budget_spent: 'its budget, which is used up',
  checks_failed: 'checks that stay red',
  failed: 'a step that failed',
  lost: 'a runner that was lost',
  no_change: 'a step that changed nothing',
  no_checks: 'how the change is proved',
  no_progress: 'a change that stays the same',
  rounds: 'one round more than the workflow allows',
  route: 'where this is worked on',
  tainted: 'text from outside',
}

/** `name` of a gate that is a question: "text from outside". Null: a name that is not known here. */
export const askedAbout = (name: string): string | null =>
  name.startsWith('effect:') ? 'an effect' : Object.hasOwn(words, name) ? words[name]! : null

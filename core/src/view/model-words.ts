/** With which models did an agent really work, beside what it was asked to? Read from what the model gateway counted. */
import type { Usage } from '../run/facts.ts'
import { isSameModel } from '../wire/model-name.ts'

/** Each model it used, most tokens first, and the one that was asked for and never used. Empty where nobody saw and nothing was asked. */
export const modelWords = ({ models = [] }: Pick<Usage, 'models'>, asked: string | null): string[] => {
  const isAsked = (model: string): boolean => asked === null || isSameModel(model, asked)
  const used = models.map(({ model }) => (isAsked(model) ? model : `${model}, not asked for`))
  const unused = asked !== null && models.length > 0 && !models.some(({ model }) => isAsked(model))
  return unused ? [...used, `${asked} was asked for and not used`] : used
}

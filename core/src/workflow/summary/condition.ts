/** How is a condition said, and what was found for it? One text each; a value in which a comma or a blank could be misread stands in quotation marks. */
import type { Condition } from '../compiled.ts'
import { either } from './line.ts'

/** A value among others: `bug`, `"check, out"`. */
export const sayValue = (value: unknown): string => {
  const text = String(value)
  return text === '' || /^\s|\s$|[,"]|\s(or|and|nor)\s/.test(text) ? JSON.stringify(text) : text
}

/** A condition after the name of its field: `is Payments or Eng`, `begins with vp/`, `does not contain wip`. */
export const sayCondition = (condition: Condition): string => said(condition, 'is')

/** The same as a wish: `should be Payments or Eng`, `should not contain wip`. */
export const sayShould = (condition: Condition): string => said(condition, 'should')

type Mood = 'is' | 'should'
const verbs: Readonly<Record<string, string>> = { prefix: 'begin with', contains: 'contain', glob: 'fit' }
const thirdPerson = (verb: string): string => verb.replace(/^\w+/, (word) => `${word}s`)

const said = (condition: Condition, mood: Mood, no = false): string => {
  const [first, ...more] =
    typeof condition === 'object' && condition !== null ? (Object.entries(condition) as [string, unknown][]) : []
  if (first === undefined || more.length > 0) return 'not understood'
  const [operator, wanted] = first
  const be = `${mood === 'is' ? 'is' : 'should'}${no ? ' not' : ''}${mood === 'is' ? '' : ' be'}`
  const verb = verbs[operator]
  if (verb !== undefined) {
    const does = mood === 'is' ? (no ? `does not ${verb}` : thirdPerson(verb)) : `should ${no ? 'not ' : ''}${verb}`
    return `${does} ${sayValue(wanted)}`
  }
  switch (operator) {
    case 'is':
      return Array.isArray(wanted) ? `${be} ${either(wanted.map(sayValue), no ? 'nor' : 'or')}` : 'is: not understood'
    case 'exists':
      // What is not there and is denied is there.
      return (wanted === true) === no
        ? mood === 'is'
          ? 'is not there'
          : 'should not be there'
        : `${be.replace(' not', '')} there`
    case 'gt':
      return `${be} above ${String(wanted)}`
    case 'lt':
      return `${be} below ${String(wanted)}`
    case 'not':
      return said(wanted as Condition, mood, !no)
    default:
      return `${operator}: not understood`
  }
}

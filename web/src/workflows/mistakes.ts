/** How do the compiler's errors look in the editor? The word underlined, the line tinted, a box below it with the sentence and its fix. */
import { StateEffect, StateField, type EditorState, type Range } from '@codemirror/state'
import { Decoration, EditorView, WidgetType, type Command, type DecorationSet } from '@codemirror/view'
import { mod } from '../keys/mod.ts'
import type { WorkflowError } from '@viewportai/core/workflow/mistake'

export const setMistakes = StateEffect.define<readonly WorkflowError[]>()

class ErrorBox extends WidgetType {
  private readonly error: WorkflowError
  private readonly first: boolean
  constructor(error: WorkflowError, first: boolean) {
    super()
    this.error = error
    this.first = first
  }
  override eq(other: ErrorBox): boolean {
    return other.first === this.first && JSON.stringify(other.error) === JSON.stringify(this.error)
  }
  override toDOM(view: EditorView): HTMLElement {
    const { error } = this
    const box = element('div', 'errbox')
    box.setAttribute('role', 'note')
    const words = element('span', 'say')
    words.append(`${error.line}:${error.column} `, ...withCode(error.message))
    box.append(words)
    if (error.expected && error.nearest === null && !error.message.includes(error.expected)) {
      const expected = element('span', 'say mute')
      expected.textContent = `Expected ${error.expected}.`
      box.append(expected)
    }
    if (error.fix) {
      const button = document.createElement('button')
      button.type = 'button'
      button.className = 'btn sm'
      button.textContent = error.fix.label
      if (this.first) {
        const key = element('kbd', '')
        key.textContent = `${mod} .`
        button.append(' ', key)
      }
      button.addEventListener('click', () => mend(view, error))
      box.append(button)
    }
    return box
  }
  override ignoreEvent(): boolean {
    return true
  }
}

/** What stands between backticks is the reader's own word: set as code, without them. */
const withCode = (text: string): (string | HTMLElement)[] =>
  text.split('`').map((piece, at, all) => {
    if (at % 2 === 0) return piece
    if (at === all.length - 1) return `\`${piece}`
    const code = element('code', 'm')
    code.textContent = piece
    return code
  })

const element = (name: string, className: string): HTMLElement => {
  const made = document.createElement(name)
  made.className = className
  return made
}

const mend = (view: EditorView, error: WorkflowError): void => {
  if (!error.fix || error.fix.to > view.state.doc.length) return
  view.dispatch({ changes: { from: error.fix.from, to: error.fix.to, insert: error.fix.text } })
  view.focus()
}

type Held = { errors: readonly WorkflowError[]; marks: DecorationSet }

/** Errors of the text as it was compiled; while one types they move with the text. */
export const mistakes = StateField.define<Held>({
  create: () => ({ errors: [], marks: Decoration.none }),
  update: (held, transaction) => {
    for (const effect of transaction.effects)
      if (effect.is(setMistakes)) return { errors: effect.value, marks: draw(transaction.state, effect.value) }
    return transaction.docChanged ? { errors: held.errors, marks: held.marks.map(transaction.changes) } : held
  },
  provide: (field) => EditorView.decorations.from(field, (held) => held.marks),
})

const draw = (state: EditorState, errors: readonly WorkflowError[]): DecorationSet => {
  const marks: Range<Decoration>[] = []
  const firstFix = errors.findIndex((error) => error.fix !== null)
  errors.forEach((error, at) => {
    const from = Math.min(error.offset, state.doc.length)
    const to = Math.min(Math.max(error.endOffset, from), state.doc.length)
    const line = state.doc.lineAt(from)
    marks.push(Decoration.line({ class: 'wrong' }).range(line.from))
    const end = Math.min(to, line.to) // an error over many lines is underlined in its first one
    if (end > from) marks.push(Decoration.mark({ class: 'cm-wrong' }).range(from, end))
    marks.push(Decoration.widget({ widget: new ErrorBox(error, at === firstFix), block: true, side: 1 }).range(line.to))
  })
  return Decoration.set(marks, true)
}

/** Mends the error on the line of the cursor, else the first one that can be mended. */
export const applyFix: Command = (view) => {
  const { errors } = view.state.field(mistakes)
  const line = view.state.doc.lineAt(view.state.selection.main.head).number
  const error = errors.find((one) => one.fix && one.line === line) ?? errors.find((one) => one.fix)
  if (!error) return false
  mend(view, error)
  return true
}

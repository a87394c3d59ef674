/** The YAML editor. Errors of the compiler stand under the line they are about, with one button that mends it. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { HighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { EditorState, Prec } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { WorkflowError } from '@viewportai/core/workflow/mistake'
import { useEffect, useRef } from 'react'
import { useLatest } from '../look/latest.ts'
import { applyFix, mistakes, setMistakes } from './mistakes.ts'

const colours = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: 'var(--accent)' },
  { tag: [tags.lineComment, tags.comment], color: 'var(--ink-3)' },
  { tag: tags.invalid, color: 'var(--stop)' },
])

type EditorProps = {
  source: string
  errors: readonly WorkflowError[]
  readOnly: boolean
  onChange: (source: string) => void
  onSave: () => void
}

export const Editor = ({ source, errors, readOnly, onChange, onSave }: EditorProps) => {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const acts = useLatest({ onChange, onSave })

  useEffect(() => {
    if (!place.current) return undefined
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: source,
        extensions: [
          lineNumbers(),
          history(),
          drawSelection(),
          highlightActiveLine(),
          indentUnit.of('  '),
          yaml(),
          syntaxHighlighting(colours),
          mistakes,
          EditorView.lineWrapping,
          EditorState.readOnly.of(readOnly),
          EditorView.contentAttributes.of({ 'aria-label': 'Workflow as YAML', spellcheck: 'false', tabindex: '0' }),
          Prec.high(
            keymap.of([
              { key: 'Mod-.', run: applyFix },
              { key: 'Mod-s', run: () => (acts.current.onSave(), true) },
              // Escape gives the keyboard back to the page: Tab indents here, so there must be a way out.
              { key: 'Escape', run: (target) => (target.contentDOM.blur(), true) },
            ]),
          ),
          keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) acts.current.onChange(update.state.doc.toString())
          }),
        ],
      }),
    })
    view.current = editor
    return () => editor.destroy()
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the editor owns its text after it was made
  }, [readOnly])

  useEffect(() => {
    const editor = view.current
    if (editor && editor.state.doc.toString() !== source)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: source } })
  }, [source])
  useEffect(() => {
    view.current?.dispatch({ effects: setMistakes.of(errors) })
  }, [errors, readOnly])
  return <div className="editor scroll" ref={place} />
}

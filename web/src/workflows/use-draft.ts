/** The text one edits: on which version it stands, whether it differs, saving it as the next version. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { firstWorkflow } from './first-workflow.ts'

export type WorkflowView = AnswerOf<'workflow', Response>

/** What saving said of names in the text. It outlives the page of a new workflow, which gives way to the one under its name. */
const notesOf = (workflow: string) => ['notes on saving', workflow] as const

/** Line ends as the editor has them, so that places of errors fit its text. */
const unified = (source: string): string => source.replaceAll('\r\n', '\n')

export const useWorkflowDraft = (found: WorkflowView | null, begin = firstWorkflow) => {
  const view = found && { ...found, source: unified(found.source) }
  const [source, setSource] = useState(view?.source ?? begin)
  const [from, setFrom] = useState({ version: view?.version ?? 0, source: view?.source ?? '' })
  const navigate = useNavigate()
  const look = useLookAgain('workflow')
  const kept = useQueryClient()
  const name = view?.name ?? ''
  const notes = useQuery<string[]>({ queryKey: notesOf(name), enabled: false, initialData: [] }).data
  const takeNewest = () => {
    if (!view) return
    setSource(view.source)
    setFrom({ version: view.version, source: view.source })
  }
  // After saving, what is known of the workflow is older than this text until it was asked again.
  const newer = view !== null && view.version > from.version
  // A newer version that came meanwhile replaces an untouched text; a draft stays and says so.
  if (newer && source === from.source) takeNewest()
  const save = useMutation({
    mutationFn: ({ text, over }: { text: string; over: number | null }) =>
      api.saveWorkflow({ body: { source: text, note: null, expectVersion: over } }),
    onSuccess: (saved, { text, over }) => {
      setFrom({ version: saved.version, source: text }) // not what was written since
      kept.setQueryData(notesOf(saved.name), saved.notes)
      if (saved.name !== view?.name || over !== from.version)
        void navigate({ to: '/workflows/$workflow', params: { workflow: saved.name }, replace: view === null })
    },
    onSettled: look,
  })
  const enable = useMutation({
    mutationFn: (enabled: boolean) => api.enableWorkflow({ params: { workflow: view!.name }, body: { enabled } }),
    onSettled: look,
  })
  const failed = save.error ?? enable.error
  return {
    source,
    setSource,
    version: from.version,
    changed: view === null || source !== view.source,
    /** Somebody saved a newer version while this draft was written. */
    overtaken: newer && source !== from.source,
    takeNewest,
    save: () => save.mutate({ text: source, over: view ? from.version : null }),
    /** Saves the text of an earlier version as the one after `newest`. */
    bringBack: (text: string, newest: number) => {
      setSource(text)
      save.mutate({ text, over: newest })
    },
    saving: save.isPending,
    notes,
    notesSeen: () => kept.setQueryData(notesOf(name), []),
    enable: (enabled: boolean) => enable.mutate(enabled),
    enabling: enable.isPending,
    problem: failed ? asProblem(failed) : null,
  }
}
export type WorkflowDraft = ReturnType<typeof useWorkflowDraft>

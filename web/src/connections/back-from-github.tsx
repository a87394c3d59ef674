/** Somebody comes back from GitHub: the App was made (then it is installed), or was installed (then it is a connection). */
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { Notice, ProblemNotice } from '../look/notice.tsx'
import type { Connected } from './connect-form.tsx'

type Back = { readonly state: string; readonly code: string | null; readonly installation: string | null }

/** What GitHub put into the address, read once: its words are used up by being sent, and stay in no history. */
const readBack = (): Back | null => {
  const query = new URLSearchParams(window.location.search)
  const state = query.get('state')
  const [code, installation] = [query.get('code'), query.get('installation_id')]
  return state !== null && (code !== null || installation !== null) ? { state, code, installation } : null
}

export const BackFromGitHub = ({ onConnected }: { onConnected: (connected: Connected) => void }) => {
  const [back] = useState(readBack)
  const look = useLookAgain('connection')
  const go = useMutation({
    mutationFn: async ({ state, code, installation }: Back) => {
      if (installation !== null) return onConnected(await api.installedApp({ body: { state, installation } }))
      const { install } = await api.madeApp({ body: { state, code: code! } })
      window.location.assign(install)
    },
    onSuccess: () => void look(),
  })
  const { mutate } = go
  const sent = useRef(false)
  useEffect(() => {
    if (back === null || sent.current) return
    sent.current = true
    window.history.replaceState(window.history.state, '', window.location.pathname)
    mutate(back)
  }, [back, mutate])
  if (back === null || (go.isSuccess && back.installation !== null)) return null
  return go.isError ? (
    <ProblemNotice problem={asProblem(go.error)} />
  ) : (
    <Notice tone="wait" title={back.installation === null ? 'GitHub made the App' : 'The App is installed'}>
      {back.installation === null
        ? 'Its key is fetched; GitHub asks next where it is installed.'
        : 'It is checked now.'}
    </Notice>
  )
}

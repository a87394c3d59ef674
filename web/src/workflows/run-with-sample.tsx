/** A run with a sample event: agents work and people are asked, and what it would do outside is shown and not done. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { Held } from '../frame/held.tsx'
import { ProblemNotice } from '../look/notice.tsx'
import { freshRequest } from './fresh-request.ts'

export const RunWithSample = ({ name }: { name: string }) => {
  const answer = useQuery({
    queryKey: ['workflow', name, 'samples'],
    queryFn: () => api.samples({ query: { workflow: name } }),
  })
  const [chosen, setChosen] = useState<string | null>(null)
  const request = useRef(freshRequest())
  const look = useLookAgain('run')
  const navigate = useNavigate()
  const start = useMutation({
    mutationFn: (sample: string) =>
      api.rehearse({ params: { workflow: name }, body: { sample, request: request.current } }),
    onSuccess: (run) => {
      request.current = freshRequest()
      void look()
      void navigate({ to: '/runs/$run', params: { run: String(run.number) } })
    },
  })
  return (
    <section aria-label="Run with a sample event">
      <h2 className="b">Run with a sample event</h2>
      <p className="dim">
        Agents work, people are asked, checks run, and it costs what a run costs. What it would do outside is shown and
        not done.
      </p>
      <Held answer={answer} what="samples">
        {({ samples }) => {
          const heard = samples.filter((one) => one.heard)
          const sample = chosen ?? heard[0]?.id
          return sample === undefined ? (
            <p className="mute">There is no sample of an event that it listens to.</p>
          ) : (
            <div className="field">
              <label className="dim" htmlFor="sample">
                Sample
              </label>
              <select id="sample" className="select" value={sample} onChange={(event) => setChosen(event.target.value)}>
                {heard.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.says} ({one.id})
                  </option>
                ))}
              </select>
              <button type="button" className="btn" disabled={start.isPending} onClick={() => start.mutate(sample)}>
                Rehearse {name}
              </button>
            </div>
          )
        }}
      </Held>
      {start.isError && <ProblemNotice problem={asProblem(start.error)} />}
    </section>
  )
}

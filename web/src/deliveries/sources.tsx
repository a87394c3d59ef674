/** Webhook addresses: the list, a new one, its secret shown once with the line that sends a first event. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AnswerOf } from '@viewportai/core/api/client'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { AnotherSecret } from '../look/another-secret.tsx'
import { Notice, ProblemNotice } from '../look/notice.tsx'
import { OldSecrets } from '../look/old-secrets.tsx'
import { When } from '../look/when.tsx'
import { CopyText } from '../look/copy-text.tsx'
import { curlLine } from './curl.ts'
import { SpeaksFor } from './speaks-for.tsx'

type Made = AnswerOf<'addSource', Response>

export const Sources = ({ admin }: { admin: boolean }) => {
  const answer = useQuery(questions.sources())
  const look = useLookAgain('delivery')
  const [made, setMade] = useState<Made | null>(null)
  return (
    <section className="sources" aria-label="Webhook sources">
      <h2 className="b">Webhook sources</h2>
      <p className="dim">
        Any tool that can send a signed webhook (Standard Webhooks) can start work. An address has a secret of its own,
        and speaks for the accounts that an admin lets it: whom it says to have done something is believed of these
        alone.
      </p>
      <Held answer={answer} what="sources">
        {({ sources }) => (
          <>
            {sources.map((source) => (
              <SourceLine key={source.id} source={source} admin={admin} onMade={setMade} />
            ))}
            {sources.length === 0 && <p className="mute">None yet.</p>}
          </>
        )}
      </Held>
      {made && <Secret made={made} onSeen={() => setMade(null)} />}
      {admin && !made && (
        <NewSource
          onMade={(source) => {
            setMade(source)
            void look()
          }}
        />
      )}
    </section>
  )
}

const SourceLine = ({
  source,
  admin,
  onMade,
}: {
  source: AnswerOf<'sources', Response>['sources'][number]
  admin: boolean
  onMade: (made: Made) => void
}) => {
  const [removing, setRemoving] = useState(false)
  const [another, setAnother] = useState(false)
  const look = useLookAgain('delivery')
  const remove = useMutation({
    mutationFn: () => api.removeSource({ params: { source: source.id } }),
    onSettled: look,
  })
  return (
    <div className="source">
      <span className="m">{source.name}</span>
      <CopyText text={source.url} />
      <span className="mute">
        {source.lastAt === null ? (
          'nothing came yet'
        ) : (
          <>
            last <When at={source.lastAt} as="ago" />
          </>
        )}
      </span>
      <SpeaksFor source={source} admin={admin} />
      <span className="right" />
      {admin &&
        (removing ? (
          <>
            <span className="stop">What it sends is refused from now on.</span>
            <button type="button" className="btn sm no" disabled={remove.isPending} onClick={() => remove.mutate()}>
              Remove {source.name}
            </button>
            <button type="button" className="btn sm" onClick={() => setRemoving(false)}>
              Keep it
            </button>
          </>
        ) : (
          <>
            <button
              type="button"
              className="btn sm"
              aria-label={`New secret of ${source.name}`}
              aria-expanded={another}
              onClick={() => setAnother(!another)}
            >
              New secret
            </button>
            <button type="button" className="btn sm" onClick={() => setRemoving(true)}>
              Remove
            </button>
          </>
        ))}
      {another && (
        <AnotherSecret
          make={(oldHours) => api.rotateSource({ params: { source: source.id }, body: { oldHours } })}
          onMade={(made) => {
            setAnother(false)
            onMade(made)
            void look()
          }}
          onEnd={() => setAnother(false)}
        />
      )}
      <OldSecrets
        all={source.oldSecrets}
        of={source.name}
        onEnd={admin ? () => api.endOldSecrets({ params: { source: source.id } }).then(look) : null}
      />
      {remove.isError && <ProblemNotice problem={asProblem(remove.error)} />}
    </div>
  )
}

const NewSource = ({ onMade }: { onMade: (made: Made) => void }) => {
  const [name, setName] = useState('')
  const make = useMutation({ mutationFn: () => api.addSource({ body: { name: name.trim() } }), onSuccess: onMade })
  return (
    <form
      className="field"
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() !== '') make.mutate()
      }}
    >
      <label className="dim" htmlFor="source">
        New source
      </label>
      <input
        id="source"
        className="input narrow"
        maxLength={80}
        placeholder="ticket system"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <button className="btn" disabled={name.trim() === '' || make.isPending}>
        Make an address
      </button>
      <span className="limit">its secret is shown once</span>
      {make.isError && <ProblemNotice problem={asProblem(make.error)} />}
    </form>
  )
}

const Secret = ({ made, onSeen }: { made: Made; onSeen: () => void }) => {
  const line = curlLine(made.source.url, made.secret)
  return (
    <div className="appears">
      <Notice
        tone="wait"
        title={`The secret of ${made.source.name} is shown now and never again`}
        actions={
          <button type="button" className="btn sm" onClick={onSeen}>
            I have kept it
          </button>
        }
      >
        Whoever has it can start what this address may start.
      </Notice>
      <dl className="facts">
        <div>
          <dt>Address</dt>
          <dd>
            <CopyText text={made.source.url} />
          </dd>
        </div>
        <div>
          <dt>Secret</dt>
          <dd>
            <CopyText text={made.secret} />
          </dd>
        </div>
      </dl>
      <p className="dim">A first delivery by hand:</p>
      <pre className="cmd">{line}</pre>
      <CopyText text={line} label="Copy the command" />
    </div>
  )
}

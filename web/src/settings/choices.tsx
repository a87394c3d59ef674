/** The choices of a workspace as one form: nothing is sent before it is saved, and only what differs is. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useId, useState, type ReactNode } from 'react'
import { api } from '../api/call.ts'
import { useLookAgainAt } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { questions } from '../api/queries.ts'
import { FieldLine } from '../look/field-line.tsx'
import { counted } from '../look/amounts.ts'
import { ProblemNotice } from '../look/notice.tsx'
import { CapsTable } from './caps-table.tsx'
import { differing, type Workspace } from './differing.ts'

const modes = [
  ['plan', 'Plan'],
  ['read', 'Read'],
  ['edit', 'Implement'],
  ['review', 'Review'],
] as const

export const Choices = ({ workspace, admin }: { workspace: Workspace; admin: boolean }) => {
  const [draft, setDraft] = useState(workspace)
  const [capsFit, setCapsFit] = useState(true)
  const set = (change: Partial<Workspace>): void => setDraft({ ...draft, ...change })
  const runners = useQuery(questions.runners()).data
  const agents = [
    ...new Set(runners?.runners.flatMap(({ capabilities }) => capabilities.agents.map(({ name }) => name)) ?? []),
  ]
  const pools = runners?.pools.map(({ name }) => name) ?? []
  const changed = differing(workspace, draft)
  const count = Object.keys(changed).length
  const look = useLookAgainAt('workspace', 'workflows', 'workflow')
  const save = useMutation({ mutationFn: () => api.changeWorkspace({ body: changed }), onSuccess: look })
  const list = useId()
  return (
    <form
      className="choosing"
      onSubmit={(event) => {
        event.preventDefault()
        if (count > 0 && capsFit) save.mutate()
      }}
    >
      <fieldset disabled={!admin || save.isPending}>
        <Section
          title="Plans, patches and logs"
          says="Of runs that start from now on. People read them either way; they are checked in the reader’s browser."
        >
          <Either
            value={draft.bodies}
            onChange={(bodies) => set({ bodies })}
            choices={[
              ['edge', 'Stay on the runner that made them', 'Nobody can decide while it is away.'],
              ['stored', 'Are stored in this Viewport as well', 'Needed for runners that end after a run.'],
            ]}
          />
        </Section>
        <Section
          title="Short texts"
          says="Why a step failed, what an agent says it wants. For steps that begin from now on; a runner’s own policy may say less, never more."
        >
          <Either
            value={draft.leaves}
            onChange={(leaves) => set({ leaves })}
            choices={[
              ['excerpt', 'May leave runners', 'They stand on the run’s page and in the packet.'],
              [
                'metadata',
                'Stay on runners',
                'Only ids, digests, counts, paths and the commands people are asked about leave.',
              ],
            ]}
          />
        </Section>
        <Section
          title="Where a workflow says nothing"
          says="A workflow that names its pool or its agents is not concerned."
        >
          <div className="pairs">
            <FieldLine label="Pool">
              {(id) => (
                <select
                  id={id}
                  className="select"
                  value={draft.defaultPool ?? ''}
                  onChange={(event) => set({ defaultPool: event.target.value || null })}
                >
                  <option value="">the only one there is</option>
                  {[...new Set([...pools, ...(draft.defaultPool === null ? [] : [draft.defaultPool])])].map((pool) => (
                    <option key={pool}>{pool}</option>
                  ))}
                </select>
              )}
            </FieldLine>
            {modes.map(([mode, label]) => (
              <FieldLine key={mode} label={`${label} with`}>
                {(id) => (
                  <input
                    id={id}
                    className="input"
                    list={list}
                    placeholder="the first that can"
                    autoCapitalize="none"
                    autoComplete="off"
                    spellCheck={false}
                    maxLength={63}
                    value={draft.defaultAgents[mode] ?? ''}
                    onChange={({ target: { value } }) => {
                      const { [mode]: _, ...others } = draft.defaultAgents
                      set({ defaultAgents: value.trim() === '' ? others : { ...others, [mode]: value.trim() } })
                    }}
                  />
                )}
              </FieldLine>
            ))}
          </div>
          <datalist id={list}>
            {agents.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </datalist>
        </Section>
        <Section title="Packets" says="A packet proves a run without them: it holds the digest of each.">
          <label className="choice">
            <input
              type="checkbox"
              checked={draft.packetBodies}
              onChange={(event) => set({ packetBodies: event.target.checked })}
            />
            <span>Hold the plans, patches and logs that are stored here</span>
          </label>
        </Section>
        <Section
          title="How often an action may be done"
          says="In any hour, in the whole workspace. What is over it waits for a person under Effects."
        >
          <CapsTable caps={draft.caps} onChange={(caps) => set({ caps })} onFit={setCapsFit} admin={admin} />
        </Section>
      </fieldset>
      {admin && (
        <div className="end">
          {save.isError && <ProblemNotice problem={asProblem(save.error)} />}
          <div className="field">
            <button className="btn pri" disabled={count === 0 || !capsFit || save.isPending}>
              {count === 0 ? 'Save' : `Save ${counted(count, 'change')}`}
            </button>
            {count > 0 && (
              <button type="button" className="btn" onClick={() => setDraft(workspace)}>
                Keep as it is
              </button>
            )}
            <span className="limit">
              {count === 0 ? 'Nothing is changed' : 'Each change is a fact of the workspace, with your name'}
            </span>
          </div>
        </div>
      )}
    </form>
  )
}

const Section = ({ title, says, children }: { title: string; says: string; children: ReactNode }) => {
  const id = useId()
  return (
    <section aria-labelledby={id}>
      <h2 className="b" id={id}>
        {title}
      </h2>
      <p className="mute">{says}</p>
      {children}
    </section>
  )
}

/** One of a few, each with what it brings. */
const Either = <T extends string>({
  value,
  choices,
  onChange,
}: {
  value: T
  choices: readonly (readonly [value: T, label: string, says: string])[]
  onChange: (value: T) => void
}) => {
  const name = useId()
  return (
    <>
      {choices.map(([one, label, says]) => (
        <label className="choice" key={one}>
          <input type="radio" name={name} checked={value === one} onChange={() => onChange(one)} />
          <span>
            {label} <span className="mute">{says}</span>
          </span>
        </label>
      ))}
    </>
  )
}

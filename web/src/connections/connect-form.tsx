/** What a tool needs to be connected, field by field; also to change a connection, where what is left empty stays. */
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { AnswerOf } from '@viewportai/core/api/client'
import { oldHoursUsually } from '@viewportai/core/api/old-secrets'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { CopyText } from '../look/copy-text.tsx'
import { FieldLine } from '../look/field-line.tsx'
import { ProblemNotice } from '../look/notice.tsx'
import { OldFor } from '../look/old-secrets.tsx'

export type Tool = AnswerOf<'tools', Response>['tools'][number]
export type Connection = AnswerOf<'connections', Response>['connections'][number]
export type Connected = AnswerOf<'addConnection', Response>
type Field = Tool['fields'][number]

export const ConnectForm = ({
  tool,
  before,
  taken,
  onDone,
}: {
  tool: Tool
  /** The connection that is changed; null: a new one. */
  before: Connection | null
  /** Names that connections to this tool have. */
  taken: readonly string[]
  onDone: (connected: Connected) => void
}) => {
  const [name, setName] = useState(taken.includes(tool.tool) ? '' : tool.tool)
  const [values, setValues] = useState<Record<string, string>>({ ...before?.settings })
  const [held, setHeld] = useState((before?.held ?? null) !== null)
  const [forget, setForget] = useState('')
  const [oldHours, setOldHours] = useState(oldHoursUsually)
  const fields = fieldsOf(tool, held)
  const goesOut = fields.some((field) => field.sends)
  const given = Object.fromEntries(Object.entries(values).filter(([name]) => !(held && tool.held?.includes(name))))
  const look = useLookAgain('connection')
  const send = useMutation({
    mutationFn: () =>
      before === null
        ? api.addConnection({
            body: { tool: tool.tool, name: name.trim(), values: filled(given), ...(held && { held }) },
          })
        : api.changeConnection({
            params: { connection: before.id },
            body: {
              values: changed(fields, given, before),
              ...(held !== (before.held !== null) && { held }),
              ...(forget.trim() !== '' && { forget: forget.trim().split(/[\s,]+/) }),
              oldHours,
            },
          }),
    onSuccess: (connected) => {
      void look()
      onDone(connected)
    },
  })
  const kept = before !== null && movedOf(fields, given, before) === undefined
  const lacking = fields.filter((field) => isLacking(field, given, kept && !isNewHere(tool, field, held, before)))
  const nameless = before === null && name.trim() === ''
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault()
        if (lacking.length === 0 && !nameless) send.mutate()
      }}
    >
      {before === null && tool.make !== null && (
        <div className="make">
          <p className="dim">{tool.make.words}</p>
          <div className="field">
            <a className="btn sm" href={tool.make.link} target="_blank" rel="noreferrer">
              Make the app in {tool.title}
            </a>
            <CopyText text={tool.make.text} label="Copy its manifest" />
          </div>
        </div>
      )}
      {before === null && (
        <FieldLine label="Name" says="How people here call it; webhook targets are named in workflows by it.">
          {(id) => (
            <input
              id={id}
              className="input narrow"
              maxLength={40}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </FieldLine>
      )}
      {tool.held !== null && (
        <div>
          <label className="check">
            <input type="checkbox" checked={held} onChange={(event) => setHeld(event.target.checked)} />
            <span>A runner holds the credential</span>
          </label>
          <div className="limit">
            {held
              ? `What acts at ${tool.title} is kept on a machine of yours and never comes here; that machine carries out what was approved. The command for it is shown next.`
              : 'It is sealed here, and this Viewport carries out what was approved.'}
          </div>
        </div>
      )}
      {fields.map((field) => (
        <FieldLine key={field.name} label={field.title} says={saysOf(fields, field, given, before)}>
          {(id) =>
            field.lines ? (
              <textarea
                id={id}
                className="area mono secret"
                rows={3}
                autoComplete="off"
                spellCheck={false}
                value={values[field.name] ?? ''}
                onChange={(event) => setValues({ ...values, [field.name]: event.target.value })}
              />
            ) : (
              <input
                id={id}
                className={`input${field.secret ? ' mono' : ''}`}
                type={field.secret ? 'password' : 'text'}
                autoComplete="off"
                spellCheck={false}
                placeholder={field.otherwise !== null && field.otherwise !== 'made' ? field.otherwise : undefined}
                value={values[field.name] ?? ''}
                onChange={(event) => setValues({ ...values, [field.name]: event.target.value })}
              />
            )
          }
        </FieldLine>
      ))}
      {kept && fields.some((field) => (field.signs || field.sends) && given[field.name]?.trim()) && (
        <div className="field">
          <OldFor hours={oldHours} onChange={setOldHours} goesOut={goesOut} />
          <span className="limit">
            {goesOut ? 'Messages carry both signatures that long.' : `${tool.title} may sign with it that long.`}
          </span>
        </div>
      )}
      {before !== null && before.knows > 0 && (
        <FieldLine
          label="Another repository is meant"
          says={`owner/name of one that took the name of another. Its number (${before.knows === 1 ? 'one is' : `${before.knows} are`} known) is forgotten, and the next one seen counts. Left empty, all stay.`}
        >
          {(id) => (
            <input
              id={id}
              className="input"
              autoComplete="off"
              spellCheck={false}
              value={forget}
              onChange={(event) => setForget(event.target.value)}
            />
          )}
        </FieldLine>
      )}
      <div className="field">
        <button className="btn pri" disabled={lacking.length > 0 || nameless || send.isPending}>
          {send.isPending ? 'Checking …' : before === null ? 'Connect' : 'Save'}
        </button>
        <span className="limit">
          {lacking.length > 0
            ? `${lacking.map((field) => field.title).join(' and ')} ${lacking.length === 1 ? 'is' : 'are'} needed`
            : nameless
              ? 'It needs a name'
              : held
                ? 'Nothing is asked of the tool: only the runner can'
                : 'Checked first; nothing is kept when something is wrong'}
        </span>
      </div>
      {send.isError && <ProblemNotice problem={asProblem(send.error)} />}
    </form>
  )
}

type Values = Readonly<Record<string, string>>

/** Without what a runner holds. */
const fieldsOf = (tool: Tool, held: boolean): Field[] =>
  tool.fields.filter((field) => !(held && tool.held?.includes(field.name)))

/** Is it what a runner held until now, so that nothing of it is kept here? */
const isNewHere = (tool: Tool, field: Field, held: boolean, before: Connection): boolean =>
  !held && before.held !== null && (tool.held?.includes(field.name) ?? false)

/** The field that would send the secrets to somebody else than they were given for. */
const movedOf = (fields: readonly Field[], values: Values, before: Connection): Field | undefined =>
  fields.find(
    ({ name, host, otherwise }) => host && (values[name]?.trim() || otherwise) !== (before.settings[name] ?? null),
  )

/** `kept`: what is not said of a secret stays. */
const isLacking = (field: Field, values: Values, kept: boolean): boolean =>
  field.required && field.otherwise === null && !values[field.name]?.trim() && !(kept && field.secret)

const saysOf = (fields: readonly Field[], field: Field, values: Values, before: Connection | null): string => {
  if (before !== null && field.secret) {
    const moved = movedOf(fields, values, before)
    if (moved === undefined) return `${field.says} Left empty, the one that is kept stays.`
    return `${field.says} ${moved.title} changes, so the one that was kept is not sent there: ${
      field.otherwise === 'made'
        ? 'left empty, another is made and shown once.'
        : field.required
          ? 'give it again.'
          : 'give it again; left empty, it is dropped.'
    }`
  }
  return field.otherwise === 'made' ? field.says : field.required ? field.says : `${field.says} May be left empty.`
}

const filled = (values: Values): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ''))

/** What differs from what is kept; a setting that was emptied is sent empty, and so is a secret that cannot stay. */
const changed = (fields: readonly Field[], values: Values, before: Connection): Record<string, string> => ({
  ...(movedOf(fields, values, before) === undefined
    ? {}
    : Object.fromEntries(
        fields
          .filter((field) => field.secret && field.otherwise !== 'made')
          .map(({ name }) => [name, values[name] ?? '']),
      )),
  ...Object.fromEntries(
    Object.entries(values).filter(
      ([name, value]) => value !== (before.settings[name] ?? '') && (value !== '' || name in before.settings),
    ),
  ),
})

/** The field for a pairing code. It shows the machine; nothing is approved here. */
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { codeFrom } from './code.ts'

/** `then`: where one goes on once it is paired. */
export const PairField = ({ start = '', then }: { start?: string; then?: 'try' | undefined }) => {
  const [typed, setTyped] = useState(start)
  const navigate = useNavigate()
  const code = codeFrom(typed)
  return (
    <form
      className="field"
      onSubmit={(event) => {
        event.preventDefault()
        if (code) void navigate({ to: '/pair', hash: code, search: { then } })
      }}
    >
      <label className="dim" htmlFor="code">
        Code
      </label>
      <input
        id="code"
        className="input code"
        placeholder="A4-X91-7QH"
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <button className="btn pri" disabled={code === null}>
        Show the machine
      </button>
      <span className="limit">valid for ten minutes, once</span>
    </form>
  )
}

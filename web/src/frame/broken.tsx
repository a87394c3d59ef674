/** A page that failed to draw: what failed, and the way on. The rest of the app stays. */
import type { ErrorComponentProps } from '@tanstack/react-router'
import { asProblem } from '../api/problem.ts'
import { ProblemNotice } from '../look/notice.tsx'

export const Broken = ({ error }: ErrorComponentProps) => (
  <main className="first">
    <h1 className="verb">This page could not be drawn</h1>
    <ProblemNotice
      problem={asProblem(error)}
      actions={
        <button type="button" className="btn sm" onClick={() => location.reload()}>
          Load it again
        </button>
      }
    />
  </main>
)

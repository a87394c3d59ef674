/** What does the workspace get by a try? Only what is not there yet is named. */
import { useQuery } from '@tanstack/react-query'
import { nameOfAddress } from '@viewportai/core/try/furnish'
import { tryName } from '@viewportai/core/try/workflow-source'
import type { ReactNode } from 'react'
import { questions } from '../api/queries.ts'
import type { Runner } from './runner-choice.tsx'

export const Additions = ({ runner, url }: { runner: Runner; url: string }) => {
  const known = useQuery(questions.repositories()).data?.repositories.find((one) => one.url === url)
  const workflows = useQuery(questions.workflows()).data?.workflows
  const name = known?.name ?? nameOfAddress(url)
  const workflow = tryName(name)
  const parts: ReactNode[] = [
    ...(known
      ? []
      : [
          <>
            the repository <code key="repository">{name}</code>
          </>,
        ]),
    ...(runner.repositories.includes(name) ? [] : [`leave for ${runner.name} to use ${known ? name : 'it'}`]),
    <>
      {workflows?.some((one) => one.name === workflow) ? 'a version of the workflow ' : 'the workflow '}
      <code className="nw">{workflow}</code>
    </>,
  ]
  return parts.map((part, at) => (
    <span key={at}>
      {at > 0 && (at === parts.length - 1 ? ' and ' : ', ')}
      {part}
    </span>
  ))
}

/** Workflows to begin with: what each is for, and which tools it needs. */
import '../workflows/workflows.css'
import './templates.css'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { useMemo, useRef } from 'react'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'
import { useRowKeys } from '../keys/use-row-keys.ts'
import { Badge } from '../look/badge.tsx'
import { Pipe } from '../look/pipe.tsx'
import { useCompiled } from '../workflows/compiled.ts'
import { chipsOf } from './chips.ts'

export type Template = AnswerOf<'templates', Response>['templates'][number]

export const TemplatesPage = () => {
  const answer = useQuery(questions.templates())
  const rows = useRef<HTMLDivElement>(null)
  useRowKeys(rows, 'a.tplrow')
  return (
    <Page
      title="Templates"
      back="/workflows"
      top={<h1>Templates</h1>}
      tools={
        <Link className="btn sm" to="/workflows/new">
          Begin with nothing
        </Link>
      }
    >
      <Held answer={answer} what="templates">
        {({ templates }) => (
          <div ref={rows} className="scroll tpllist">
            <p className="lead">
              Each is a whole workflow. Say which repository and which team; then it opens in the editor, where every
              word of it can be changed before it is saved.
            </p>
            {templates.map((one) => (
              <Row key={one.name} template={one} />
            ))}
          </div>
        )}
      </Held>
    </Page>
  )
}

const Row = ({ template }: { template: Template }) => {
  const compiled = useCompiled(template.source)
  const chips = useMemo(() => (compiled.ok ? chipsOf(compiled.compiled) : []), [compiled])
  return (
    <Link className="tplrow" to="/workflows/templates/$template" params={{ template: template.name }}>
      <div>
        <span className="b">{template.name}</span>
        <p>{template.says}</p>
      </div>
      <div className="goes">
        <Pipe chips={chips} />
      </div>
      <div className="row-of needs">
        {template.tools.map((tool) => (
          <Badge key={tool}>{tool}</Badge>
        ))}
      </div>
    </Link>
  )
}

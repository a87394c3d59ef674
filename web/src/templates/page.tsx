/** One template: what it would do, what is particular to a team, and the file that comes of it. */
import '../workflows/workflows.css'
import './templates.css'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { fillTemplate } from '@viewportai/core/gallery/fill'
import { useMemo, useState } from 'react'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'
import { Badge } from '../look/badge.tsx'
import { Notice } from '../look/notice.tsx'
import { Pipe } from '../look/pipe.tsx'
import { ScrollArea } from '../look/scroll-area.tsx'
import { useCompiled } from '../workflows/compiled.ts'
import { Crumb } from '../workflows/crumb.tsx'
import { SummaryFacts } from '../workflows/summary.tsx'
import { BlankField } from './blank-field.tsx'
import { chipsOf } from './chips.ts'
import type { Template } from './list-page.tsx'

export const TemplatePage = () => {
  const { template: name = '' } = useParams({ strict: false })
  const answer = useQuery(questions.templates())
  return (
    <Page title={name} back="/workflows/templates" top={<Crumb name={name} of="templates" />}>
      <Held answer={answer} what="the template">
        {({ templates }) => {
          const found = templates.find((one) => one.name === name)
          return found ? (
            <Filled key={name} template={found} />
          ) : (
            <Notice tone="plain" title={`There is no template ${name}`}>
              There are {templates.map((one) => one.name).join(', ')}.
            </Notice>
          )
        }}
      </Held>
    </Page>
  )
}

const Filled = ({ template }: { template: Template }) => {
  const [said, setSaid] = useState<Readonly<Record<string, string>>>({})
  const source = fillTemplate(template.source, said)
  const compiled = useCompiled(source)
  const chips = useMemo(() => (compiled.ok ? chipsOf(compiled.compiled) : []), [compiled])
  const navigate = useNavigate()
  return (
    <div className="two">
      <ScrollArea className="tpl" label="What is yours">
        <p className="lead">{template.says}</p>
        <div className="goes">
          <Pipe chips={chips} />
        </div>
        <p className="row-of needs">
          <span className="mute">Works with</span>
          {template.tools.map((tool) => (
            <Badge key={tool}>{tool}</Badge>
          ))}
        </p>
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault()
            void navigate({ to: '/workflows/new', search: { template: template.name, set: said } })
          }}
        >
          {template.blanks.map((blank) => (
            <BlankField
              key={blank.id}
              blank={blank}
              said={said[blank.id] ?? ''}
              onSay={(words) => setSaid({ ...said, [blank.id]: words })}
            />
          ))}
          <div>
            <button className="btn pri">Open in the editor</button>
          </div>
        </form>
        <details>
          <summary>The file</summary>
          <pre className="cmd">{source}</pre>
        </details>
      </ScrollArea>
      <ScrollArea className="panel" label="What it says">
        <h2 className="h">What it says</h2>
        {compiled.ok ? (
          <SummaryFacts summary={compiled.summary} />
        ) : (
          <p className="stop">With these words it does not compile: {compiled.errors[0]?.message}</p>
        )}
      </ScrollArea>
    </div>
  )
}

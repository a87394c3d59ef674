/** Effects that wait for a person: what failed for good, what nobody knows, what was tried, and what becomes of it. */
import '../inbox/inbox.css'
import './effects.css'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'
import { MoreButton } from '../look/more-button.tsx'
import { ScrollArea } from '../look/scroll-area.tsx'
import { AnsweredEffect, type Answered } from './answered-effect.tsx'
import { StuckEffect } from './stuck-effect.tsx'

export const EffectsPage = () => {
  const answer = useInfiniteQuery({
    queryKey: ['effects'],
    queryFn: ({ pageParam }) => api.effects({ query: { after: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.more ?? undefined,
  })
  const effects = answer.data?.pages.flatMap((page) => page.effects) ?? []
  const [given, setGiven] = useState<readonly Answered[]>([])
  // One that failed once more waits below, with all that was tried.
  const answered = given.filter(({ effect }) => effects.every((one) => one.intent !== effect.intent))
  return (
    <Page
      title="Effects"
      top={
        <>
          <h1>Effects</h1>
          {effects.length > 0 && (
            <span className="count">
              {effects.length}
              {answer.hasNextPage ? '+' : ''}
            </span>
          )}
        </>
      }
    >
      <ScrollArea className="fill" label="Effects that wait">
        <div aria-live="polite">
          {answered.map((one) => (
            <AnsweredEffect key={one.effect.intent} answered={one} />
          ))}
        </div>
        <Held answer={answer} what="effects">
          {() =>
            effects.length === 0 ? (
              <div className="first">
                <h2 className="verb">No effect waits for anybody</h2>
                <p className="lead">
                  What a run does at an outside tool happens once and leaves a receipt. When it fails for good, or
                  nobody can tell whether it happened, it stands here with all that was tried until a person says what
                  becomes of it.
                </p>
              </div>
            ) : (
              effects.map((effect) => (
                <StuckEffect
                  key={`${effect.intent} ${effect.attempt}`}
                  effect={effect}
                  onAnswer={(choice) =>
                    setGiven((before) => [
                      { effect, choice },
                      ...before.filter((one) => one.effect.intent !== effect.intent),
                    ])
                  }
                />
              ))
            )
          }
        </Held>
        <MoreButton answer={answer}>More effects</MoreButton>
      </ScrollArea>
    </Page>
  )
}

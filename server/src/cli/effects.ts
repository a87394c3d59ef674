/** `viewport effects`: which effects failed for good or stay unknown, and what becomes of them? */
import { Argument, InvalidArgumentError } from 'commander'
import type { StuckEffect } from '@viewportai/core/view/stuck-effect'
import type { AddCommand } from './cli.ts'
import { Stop } from './exit.ts'
import { ago, inLine, type Terminal } from './terminal.ts'

const choices = ['look', 'again', 'done', 'give-up', 'stop'] as const
type Options = { reason?: string; attempt?: number }

const help = `
look     look for it again, and do nothing
again    look first, and do it when it is not there
done     you saw it done; --reason says where, with its link
give-up  the run goes on without it; --reason says why
stop     stop the run

Examples:
  viewport effects
  viewport effects answer int_x4k2-3 again
  viewport effects answer int_x4k2-3 done --reason "It stands there: https://github.com/acme/shop/pull/7"`

export const addEffects: AddCommand = (program, cli) => {
  const effects = program
    .command('effects')
    .description('effects that failed for good or stay unknown, and what becomes of them')
    .addHelpText('after', help)
  effects
    .command('list', { isDefault: true })
    .description('what waits for a person, with what was tried')
    .action(async () => {
      const { terminal, api } = cli()
      const found = await api().effects({ query: { limit: 100 } })
      terminal.give(found, () => {
        if (found.effects.length === 0) terminal.line('No effect waits for anybody.')
        for (const one of found.effects) show(terminal, one)
        if (found.more !== null) terminal.line('and more')
        if (found.effects.length > 0)
          terminal.note(`Say what becomes of one: viewport effects answer EFFECT ${choices.join('|')}`)
      })
    })
  effects
    .command('answer')
    .description('say what becomes of one')
    .argument('<effect>', 'its id')
    .addArgument(new Argument('<choice>', 'what becomes of it').choices(choices))
    .option('-m, --reason <words>', 'why; for `done` with the link to it')
    .option('--attempt <n>', 'only when this attempt is still the last one', whole)
    .action(async (intent: string, choice: (typeof choices)[number], { reason, attempt }: Options) => {
      const { terminal, api } = cli()
      if (choice === 'give-up' && !reason?.trim())
        throw new Stop('usage', 'give-up needs a reason in words, and none was given.', 'Say why with -m "…".')
      const reach = api()
      const answered = await reach.answerEffect({
        params: { intent },
        body: {
          choice: choice === 'give-up' ? 'give_up' : choice,
          attempt: attempt ?? (await lastAttempt(reach, intent)),
          text: reason ?? null,
        },
      })
      terminal.give(answered, () =>
        terminal.line(`Answered: ${choice.replace('-', ' ')}. It is ${answered.state} now.`),
      )
    })
}

const whole = (text: string): number => {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It is a number from 1.')
  return Number(text)
}

/** The last attempt as the list tells it now. Throws when it is not in the list. */
const lastAttempt = async (reach: ReturnType<ReturnType<Parameters<AddCommand>[1]>['api']>, intent: string) => {
  let after: string | undefined
  do {
    const page = await reach.effects({ query: { limit: 100, ...(after !== undefined && { after }) } })
    const found = page.effects.find((one) => one.intent === intent)
    if (found) return found.attempt
    after = page.more ?? undefined
  } while (after !== undefined)
  throw new Stop('refused', `${intent} waits for nobody: it is closed, under way, or not of this workspace.`)
}

const show = (terminal: Terminal, one: StuckEffect): void => {
  terminal.line(
    `${terminal.paint('bold', one.intent)}  #${one.number}  ${terminal.paint(one.state === 'failed' ? 'stop' : 'wait', one.state)}  ${inLine(one.action)} on ${inLine(one.target)}, ${ago(one.since)}`,
  )
  terminal.line(`  ${inLine(`${one.why} ${one.check}`.trim())}`)
  for (const { attempt, how, why } of one.tried.slice(0, -1).slice(-3))
    terminal.line(terminal.paint('dim', `  attempt ${attempt} ${how}: ${inLine(why)}`))
  if (one.ended) terminal.line(terminal.paint('dim', '  Its run has ended: say `done` or `give-up`.'))
}

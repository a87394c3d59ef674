/**
 * What is an agent made to do in the contract of the drivers, and how is it seen that it did?
 * An agent with a model is told by a scripted one; the sample agent by the words of its own script.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Mode } from '../driver.ts'
import type { Bench } from './bench.ts'
import type { Conversation, Turn } from './scripted-model.ts'

/** One scene. `conversations` are for its model, `script` for an agent that has none. */
export type Play = {
  readonly prompt: string
  readonly mode: Mode
  readonly conversations: readonly Conversation[]
  readonly script: string
  /** What stands in its text when it has finished. */
  readonly says: string
}

export type Plays = {
  /** It makes a plan. */
  readonly plan: Play
  /** It wants to change `src/price.js` where that is not asked for. */
  readonly look: Play
  /** It changes `src/price.js` to `mended`, and runs the tests. */
  readonly mend: Play & { readonly mended: string; readonly turns: number }
  /** It wants to run a command that it should not. */
  readonly forbidden: Play & { readonly command: string | readonly string[] }
  /** It asks for a command that a person decides on. `ran`: how often it was run. `twice`: once allowed, it asks for the same again. */
  readonly asks: Play & {
    readonly command: string | readonly string[]
    readonly argv: readonly string[]
    readonly twice: boolean
    readonly refused: string
    ran(bench: Bench): Promise<number>
  }
  /** It asks a person; null: it has no questions of its own. */
  readonly question: (Play & { readonly question: string; readonly choices: readonly string[] }) | null
  /** It does a first piece of work, and goes on when a reviewer wrote. `revised`: what it says then. */
  readonly goesOn: Play & { readonly revised: string }
  /** It works and then waits for ever. `written`: what the record of its session holds by then, null where it keeps none. */
  readonly hangs: Play & {
    readonly written: string | null
    waits(bench: Bench): Promise<boolean>
    readonly back: string
  }
  /** It leaves a process behind. */
  readonly leaves: Play
  /** It writes more than anybody wants to keep, for so many seconds at most. `bounded`: the agent itself keeps most of it from vpd. */
  readonly loud: Play & { readonly seconds: number; readonly bounded: boolean; readonly fails: RegExp | null }
  /** It tells all that it finds in its environment; null: it tells nothing, and is looked at from outside. */
  readonly environment: Play | null
  /** All that it heard or told, as one text. */
  told(bench: Bench): Promise<string>
}

/** What `src/price.js` is now. */
export const priceOf = (bench: Bench): Promise<string> => readFile(path.join(bench.cwd, 'src/price.js'), 'utf8')

const fix = { edit: 'src/price.js', old: '  let total = 0', new: '  let total = 0 // mended' }

/** The plays of an agent with a model. */
export const modelPlays = (own: {
  /** The turns of a model that makes a plan. */
  planned(plan: string): readonly Turn[]
  /** Turns in which it asks a person a question with choices, and how it ends once it has the answer; null: its agent cannot. */
  readonly question: {
    readonly mode: Mode
    turns(question: string, choices: readonly string[]): readonly Turn[]
    answered(text: string): readonly Turn[]
  } | null
  /** Does its session keep a record that can be looked at? */
  readonly record: boolean
  /** What becomes of a command that floods it: it goes on with a part (the default) or with all of it, or its step fails so. */
  readonly loud?: 'all' | RegExp
}): Plays => {
  const play = (prompt: string, says: string, ...conversations: Conversation[]): Play => ({
    prompt,
    mode: 'edit',
    conversations,
    script: '',
    says,
  })
  const sh = 'echo ran >> ran.txt'
  const push = 'git push origin HEAD:main'
  const hanging = [
    { text: 'Editing.', do: [fix] },
    { text: 'never', delayMs: 600_000 },
  ]
  return {
    plan: {
      ...play('make a plan', '1. Edit `src/price.js`.', {
        match: 'make a plan',
        turns: own.planned('# Mend the price\n\n1. Edit `src/price.js`.'),
      }),
      mode: 'plan',
    },
    look: play('look at it', 'I may not change it.', {
      match: 'look at it',
      turns: [{ text: 'Editing.', do: [fix] }, { text: 'I may not change it.' }, { text: 'I may not change it.' }],
    }),
    mend: {
      ...play('mend it', 'Mended, and the tests were run.', {
        match: 'mend it',
        turns: [
          { text: 'Reading.', do: [{ read: 'src/price.js' }] },
          { text: 'Editing.', do: [fix] },
          { text: 'Testing.', do: [{ sh: 'npm test' }] },
          { text: 'Mended, and the tests were run.' },
        ],
      }),
      mended: '// mended',
      turns: 4,
    },
    forbidden: {
      ...play('try it', 'I went on.', {
        match: 'try it',
        turns: [{ text: 'Pushing.', do: [{ sh: push }] }, { text: 'I went on.' }],
      }),
      command: push,
    },
    asks: {
      ...play(
        'run it',
        'Done at once.',
        { match: 'allowed', turns: [{ do: [{ sh }] }, { do: [{ sh }] }, { text: 'Done twice.' }] },
        { match: 'refused|did not allow', turns: [{ text: 'I leave it.' }, { text: 'I leave it.' }] },
        { match: 'run it', turns: [{ text: 'Asking.', do: [{ sh }] }, { text: 'Done at once.' }] },
      ),
      command: sh,
      argv: [sh],
      twice: true,
      refused: 'I leave it.',
      ran: async ({ cwd }) =>
        (await readFile(path.join(cwd, 'ran.txt'), 'utf8').catch(() => '')).split('\n').filter(Boolean).length,
    },
    question: own.question && {
      ...play(
        'which way',
        'Then so.',
        { match: 'kaufmännisch', turns: own.question.answered('Then so.') },
        { match: 'which way', turns: own.question.turns('How shall it round?', ['up', 'down']) },
      ),
      mode: own.question.mode,
      question: 'How shall it round?',
      choices: ['up', 'down'],
    },
    goesOn: {
      ...play(
        'begin',
        'The first version of Ada.',
        { match: 'reviewer wrote', turns: [{ text: 'Revised as you wished.' }] },
        { match: 'begin', turns: [{ text: 'Editing.', do: [fix] }, { text: 'The first version of Ada.' }] },
      ),
      revised: 'Revised as you wished.',
    },
    hangs: {
      ...play(
        'wait',
        'never',
        { match: 'reviewer wrote', turns: [{ text: 'Going on.' }] },
        { match: 'wait', turns: hanging },
      ),
      written: own.record ? 'Editing.' : null,
      waits: async (bench) => (await priceOf(bench)).includes('// mended'),
      back: 'Going on.',
    },
    leaves: play('leave it', 'Left.', {
      match: 'leave it',
      turns: [{ do: [{ sh: '(setsid sleep 1000 >/dev/null 2>&1 &) ; echo started' }] }, { text: 'Left.' }],
    }),
    loud: {
      ...play('be loud', 'That was loud.', {
        match: 'be loud',
        turns: [{ do: [{ sh: "head -c 40000000 /dev/zero | tr '\\0' x" }] }, { text: 'That was loud.' }],
      }),
      seconds: 120,
      bounded: own.loud !== 'all',
      fails: own.loud instanceof RegExp ? own.loud : null,
    },
    environment: play('look around', 'Seen.', {
      match: 'look around',
      turns: [{ do: [{ sh: 'env; cat /proc/self/environ' }] }, { text: 'Seen.' }],
    }),
    told: (bench) => bench.told(),
  }
}

/** The plays of the sample agent. */
export const samplePlays = (): Plays => {
  const play = (mode: Mode, script: string, says: string): Play => ({
    prompt: 'not read',
    mode,
    conversations: [],
    script,
    says,
  })
  const told = async (bench: Bench): Promise<string> =>
    bench.events.flatMap((one) => ('text' in one ? [one.text] : [])).join('\n')
  const log = ['git', 'log', '--oneline', '-5']
  const ready = '`src/price.js`'
  return {
    plan: play('plan', '', ready),
    look: play('review', '', ''),
    mend: { ...play('edit', ':no-push :usage=1000', ready), mended: 'return Math.round((total', turns: 1 },
    forbidden: { ...play('edit', ':no-push :ask', ready), command: log },
    asks: {
      ...play('edit', ':no-push :ask', 'Tests here: 3 passed'),
      command: log,
      argv: log,
      twice: false,
      refused: 'Tests here: 3 passed',
      ran: async (bench) => bench.events.filter((one) => one.event === 'tool' && one.title === log.join(' ')).length,
    },
    question: {
      ...play('plan', ':question', ready),
      question: 'How shall half a cent be rounded?',
      choices: ['up', 'to even'],
    },
    goesOn: { ...play('plan', '', ready), revised: ready },
    hangs: {
      ...play('edit', '#1:hang', ''),
      written: null,
      waits: async (bench) => (await told(bench)).includes('I wait.'),
      back: ready,
    },
    leaves: play('edit', '', ready),
    loud: { ...play('edit', ':endless', ''), seconds: 3, bounded: false, fails: /^time_limit: / },
    environment: null,
    told,
  }
}

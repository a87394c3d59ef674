/** What does the sample agent write? Its plan and its summaries, from what it really saw. */
import type { Bug, TestsSeen } from './sample-fix.ts'

type Cited = readonly { readonly id: string; readonly title: string }[]
export type Note = { readonly from: string; readonly text: string }

const cite = (context: Cited, form: RegExp): string => {
  const found = context.find((one) => form.test(one.title))
  return found ? ` [${found.id}]` : ''
}
const quoted = (text: string): string =>
  text
    .trim()
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n')

/** The plan. `notes`: what reviewers said about earlier versions of it, oldest first. */
export const planText = (
  bug: Bug,
  file: string,
  testFile: string,
  tests: TestsSeen,
  context: Cited,
  notes: readonly Note[],
): string => {
  const extra = wantsTest(notes)
  const steps = [
    `In \`${file}\`, keep the sum of \`${bug.name}\` exact: add \`${bug.unit} * ${bug.quantity}\` without rounding.`,
    `In \`${file}\`, apply the discount to the whole sum and round once, when it is returned.`,
    ...(extra ? [`In \`${testFile}\`, add a test with an order of many small pieces.`] : []),
    'Run `npm test`; every test has to pass.',
  ]
  return [
    '# Round the discount once, at the end of the order',
    '',
    `The test "${tests.failing ?? 'that fails'}" expects ${tests.expected ?? 'another total'} and gets ${tests.actual ?? 'a wrong one'}. \`${bug.name}\` (\`${file}\`, line ${bug.line}) rounds the price of every piece before it multiplies with the quantity, so the errors add up.`,
    `The pricing rules ask for one rounding at the end of the order${cite(context, /discount/i)}, and the runbook for the smallest mend in \`src/\`${cite(context, /wrong amount/i)}.`,
    '',
    '## Steps',
    '',
    ...steps.map((step, at) => `${at + 1}. ${step}`),
    '',
    '## Files',
    '',
    `- \`${file}\``,
    ...(extra ? [`- \`${testFile}\``] : []),
    ...(notes.length > 0
      ? [
          '',
          '## Changed after review',
          '',
          ...notes.flatMap((note) => [`${note.from} wrote:`, '', quoted(note.text), '']),
          extra ? 'A test was added to the plan.' : 'The steps were looked at again with this in mind.',
        ]
      : []),
    '',
  ].join('\n')
}

/** Do the reviewers ask for a test? */
export const wantsTest = (notes: readonly Note[]): boolean => notes.some((note) => /\btests?\b/i.test(note.text))

/** The summary of an edit. */
export const summaryText = (did: readonly string[], tests: TestsSeen | null, context: Cited): string =>
  [
    ...did.map((line) => `- ${line}`),
    tests ? `- Tests here: ${tests.passed} passed, ${tests.failed} failed.` : '',
    `- The discount is rounded once, as the rules ask${cite(context, /discount/i)}.`,
  ]
    .filter(Boolean)
    .join('\n')

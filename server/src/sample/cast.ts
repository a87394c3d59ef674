/** Who and what is in the sample workspace? Names only; how they come to be is in the files beside. */

export const sampleWorkspace = {
  slug: 'acme',
  name: 'Acme Co.',
  sample: true,
  admin: { handle: 'jess', name: 'Jess Lindqvist' },
} as const
export const samplePeople = [
  { handle: 'sam', name: 'Sam Okafor' },
  { handle: 'dana', name: 'Dana Reyes' },
] as const
export const sampleTeam = { slug: 'payments', name: 'Payments' } as const
export const sampleRepository = 'acme/shop'
export const sampleWorkflows = ['fix-bug', 'docs-refresh'] as const
/** The one whose run the bug report starts. */
export const mainWorkflow = 'fix-bug'
export const sampleSource = 'Bug tracker'
export const sampleRunner = { name: 'acme-laptop', pool: 'local' } as const
/** The delivery's own id: however often the report is sent, it is one event. */
export const bugReportId = 'msg_sample_bug_1'

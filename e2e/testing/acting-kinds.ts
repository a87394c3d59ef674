// Which kinds of effect are there whose control plane is killed, and by which request is each written, and looked for? One for each action of each tool that the control plane
// carries out. What git itself takes (a push, a merge) a runner does: 030-kill-matrix.test.ts.
import type { Passed } from './provider-proxy.ts'

export type Provider = 'github' | 'linear' | 'jira' | 'slack' | 'gitlab' | 'ops'
type Is = (one: Passed) => boolean
type KindOf = {
  readonly at: Provider
  /** When its name is not the action's. */
  readonly action?: string
  /** Steps of its workflow, the last one is it. ISSUE: Linear's issue that is there; PULL: GitHub's pull request of somebody else. */
  readonly steps: readonly string[]
  /** Its change is made first, by a runner. */
  readonly mends?: true
  /** The request that does it. Nothing else of any other kind looks like it. */
  readonly isWrite: Is
  /** The question by which it is looked for; left out: nobody can be asked, or others ask the same at the same time. */
  readonly look?: Is
  /** What it leaves holds no mark of it: it is put back before each, and how often it was written is counted. */
  readonly unmarked?: true
}

const asks = (word: string, more = ''): Is => {
  return ({ path, body }) => path === '/graphql' && body.includes(word) && body.includes(more)
}
const gets = (path: RegExp): Is => {
  return (one) => one.method === 'GET' && path.test(one.path)
}
const sends = (method: 'POST' | 'PUT' | 'PATCH', path: RegExp, word = ''): Is => {
  return (one) => one.method === method && path.test(one.path) && one.body.includes(word)
}
const history = ({ path }: Passed): boolean => path === '/api/conversations.history'
const ofPay1 = gets(/\/issue\/PAY-1\?fields=project/)
const opensPull = '{ action: github.open_pr, title: "A beginning" }'
const opensMr = '{ action: gitlab.open_mr, title: "A beginning" }'
const statuses = gets(/\/repository\/commits\/\w+\/statuses\?/)

/** Each kind of action: its steps, its provider and its write there. */
export const kinds = {
  'github.comment': {
    at: 'github',
    steps: ['{ action: github.comment, on: "acme/shop#1", text: "Worked on it." }'],
    isWrite: sends('POST', /^\/repos\/acme\/shop\/issues\/1\/comments$/),
    look: gets(/^\/repos\/acme\/shop\/issues\/1\/comments\?per_page=100$/),
  },
  'github.create_issue': {
    at: 'github',
    steps: ['{ action: github.create_issue, repo: acme/shop, title: "Found on the way" }'],
    isWrite: sends('POST', /^\/repos\/acme\/shop\/issues$/),
    look: gets(/^\/repos\/acme\/shop\/issues\?state=all&sort=created/),
  },
  'github.label': {
    at: 'github',
    steps: ['{ action: github.label, on: "acme/shop#1", add: [mended] }'],
    isWrite: sends('POST', /^\/repos\/acme\/shop\/issues\/1\/labels$/),
    look: gets(/^\/repos\/acme\/shop\/issues\/1$/),
    unmarked: true,
  },
  'github.assign': {
    at: 'github',
    steps: ['{ action: github.assign, on: "acme/shop#1", to: [sam] }'],
    isWrite: sends('POST', /^\/repos\/acme\/shop\/issues\/1\/assignees$/),
    look: gets(/^\/repos\/acme\/shop\/issues\/1$/),
    unmarked: true,
  },
  'github.review': {
    at: 'github',
    steps: ['{ action: github.review, on: "acme/shop#PULL", text: "See line 3.", verdict: request_changes }'],
    isWrite: sends('POST', /\/pulls\/\d+\/reviews$/, 'REQUEST_CHANGES'),
    look: gets(/\/pulls\/\d+\/reviews\?per_page=100$/),
  },
  'github.review of words': {
    at: 'github',
    action: 'github.review',
    steps: ['{ action: github.review, on: "acme/shop#PULL", text: "Read." }'],
    isWrite: sends('POST', /\/pulls\/\d+\/reviews$/, '"COMMENT"'),
    look: gets(/\/pulls\/\d+\/reviews\?per_page=100$/),
  },
  'github.open_pr': {
    at: 'github',
    steps: ['{ action: github.open_pr, title: "Mend the price" }'],
    mends: true,
    isWrite: sends('POST', /^\/repos\/acme\/shop\/pulls$/, 'Mend the price'),
    look: gets(/^\/repos\/acme\/shop\/pulls\?head=/),
  },
  'github.update_pr': {
    at: 'github',
    steps: [opensPull, '{ action: github.update_pr, title: "Mended the price", body: "It is whole." }'],
    mends: true,
    isWrite: sends('PATCH', /^\/repos\/acme\/shop\/pulls\/\d+$/),
    unmarked: true,
  },
  'github.report_check': {
    at: 'github',
    steps: [opensPull, '{ action: github.report_check, conclusion: neutral, summary: "Looked at." }'],
    mends: true,
    isWrite: sends('POST', /^\/repos\/acme\/shop\/check-runs$/),
    look: gets(/\/check-runs\?check_name=/),
  },
  'linear.comment': {
    at: 'linear',
    steps: ['{ action: linear.comment, issue: ISSUE, text: "Worked on it." }'],
    isWrite: asks('commentCreate'),
    look: asks('query Comments('),
  },
  'linear.create': {
    at: 'linear',
    steps: ['{ action: linear.create, team: Payments, title: "Found on the way" }'],
    isWrite: asks('issueCreate'),
    look: asks('query Newest('),
  },
  'linear.transition': {
    at: 'linear',
    steps: ['{ action: linear.transition, issue: ISSUE, to: In Review }'],
    isWrite: asks('issueUpdate', 'stateId'),
    look: asks('query Target('),
    unmarked: true,
  },
  'linear.assign': {
    at: 'linear',
    steps: ['{ action: linear.assign, issue: ISSUE, to: viewport@acme.dev }'],
    isWrite: asks('issueUpdate', 'assigneeId'),
    look: asks('query Target('),
    unmarked: true,
  },
  'jira.comment': {
    at: 'jira',
    steps: ['{ action: jira.comment, issue: PAY-1, text: "Worked on it." }'],
    isWrite: sends('POST', /\/issue\/\w+\/comment$/),
    look: gets(/\/issue\/\w+\/comment\?/),
  },
  'jira.create': {
    at: 'jira',
    steps: ['{ action: jira.create, project: PAY, title: "Found on the way" }'],
    isWrite: sends('POST', /\/issue$/),
    look: gets(/\/search\/jql.*creator/),
  },
  'jira.transition': {
    at: 'jira',
    steps: ['{ action: jira.transition, issue: PAY-1, to: In Review }'],
    isWrite: sends('POST', /\/issue\/\w+\/transitions$/),
    look: ofPay1,
    unmarked: true,
  },
  'jira.assign': {
    at: 'jira',
    steps: ['{ action: jira.assign, issue: PAY-1, to: Viewport }'],
    isWrite: sends('PUT', /\/issue\/\w+\/assignee$/),
    look: ofPay1,
    unmarked: true,
  },
  'slack.message': {
    at: 'slack',
    steps: ['{ action: slack.message, channel: "#support", text: "Worked." }'],
    isWrite: sends('POST', /^\/api\/chat\.postMessage$/, 'Worked'),
    look: history,
  },
  'slack.comment': {
    at: 'slack',
    steps: ['{ action: slack.comment, channel: "#support", text: "Replied." }'],
    isWrite: sends('POST', /^\/api\/chat\.postMessage$/, 'Replied'),
    look: history,
  },
  'slack.update': {
    at: 'slack',
    steps: [
      '{ action: slack.message, channel: "#support", text: "Begun." }',
      '{ action: slack.update, text: "Ended." }',
    ],
    isWrite: sends('POST', /^\/api\/chat\.update$/),
    look: history,
    unmarked: true,
  },
  'gitlab.open_mr': {
    at: 'gitlab',
    steps: ['{ action: gitlab.open_mr, title: "Mend the price" }'],
    mends: true,
    isWrite: sends('POST', /\/merge_requests$/, 'Mend the price'),
    look: gets(/\/merge_requests\?source_branch=/),
  },
  'gitlab.update_mr': {
    at: 'gitlab',
    steps: [opensMr, '{ action: gitlab.update_mr, title: "Mended the price", body: "It is whole." }'],
    mends: true,
    isWrite: sends('PUT', /\/merge_requests\/\d+$/),
    unmarked: true,
  },
  'gitlab.comment': {
    at: 'gitlab',
    steps: ['{ action: gitlab.comment, on: "acme/shop#1", text: "Worked on it." }'],
    isWrite: sends('POST', /\/issues\/1\/notes$/),
    look: gets(/\/issues\/1\/notes\?/),
  },
  'gitlab.label': {
    at: 'gitlab',
    steps: ['{ action: gitlab.label, on: "acme/shop#1", add: [mended] }'],
    isWrite: sends('PUT', /\/issues\/1$/),
    look: gets(/\/issues\/1$/),
    unmarked: true,
  },
  'gitlab.create_issue': {
    at: 'gitlab',
    steps: ['{ action: gitlab.create_issue, repo: acme/shop, title: "Found on the way" }'],
    isWrite: sends('POST', /\/issues$/),
    look: gets(/\/issues\?scope=created_by_me/),
  },
  'gitlab.report_status': {
    at: 'gitlab',
    steps: [opensMr, '{ action: gitlab.report_status, name: looked, text: "Looked at." }'],
    mends: true,
    isWrite: sends('POST', /\/statuses\/\w+$/, '"looked"'),
    look: statuses,
  },
  'ci.report_status': {
    at: 'gitlab',
    steps: [opensMr, '{ action: ci.report_status, name: built, text: "Built." }'],
    mends: true,
    isWrite: sends('POST', /\/statuses\/\w+$/, '"built"'),
    look: statuses,
  },
  'ci.rerun': {
    at: 'gitlab',
    steps: ['{ action: ci.rerun, build: "acme/shop build 1 attempt 1" }'],
    isWrite: sends('POST', /\/pipelines\/1\/retry$/),
    look: gets(/\/pipelines\/1$/),
    unmarked: true,
  },
  'webhook.send': {
    at: 'ops',
    steps: ['{ action: webhook.send, to: ops }'],
    isWrite: sends('POST', /^\/hook$/),
  },
} as const satisfies Readonly<Record<string, KindOf>>

export type Kind = keyof typeof kinds
export const kindOf = (kind: Kind): KindOf => kinds[kind]
export const allKinds = Object.keys(kinds) as Kind[]
export const actionOf = (kind: Kind): string => kindOf(kind).action ?? kind
/** The name of the workflow that does it. */
export const workflowOf = (kind: Kind): string => kind.replace(/[._ ]/g, '-')

/**
 * Two effects of a workspace are under way at once, so that so many can be held together. At most one of a pair has its change made first: nobody is held longer than a tool is
 * waited for. Two of a pair are never looked for by the same question.
 */
export const pairs: readonly (readonly Kind[])[] = [
  ['github.open_pr', 'webhook.send'],
  ['github.comment', 'linear.create'],
  ['github.create_issue', 'jira.comment'],
  ['linear.comment', 'jira.create'],
  ['gitlab.open_mr', 'slack.message'],
  ['linear.transition', 'ci.rerun'],
  ['github.label', 'jira.transition'],
  ['github.assign', 'gitlab.label'],
  ['github.review', 'slack.comment'],
  ['github.review of words', 'gitlab.comment'],
  ['github.update_pr', 'linear.assign'],
  ['github.report_check', 'jira.assign'],
  ['gitlab.update_mr', 'slack.update'],
  ['gitlab.report_status', 'gitlab.create_issue'],
  ['ci.report_status'],
]

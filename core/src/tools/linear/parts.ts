/** Which parts of an issue, a comment and its history are asked of Linear? Fragments of GraphQL. */
const person = 'id name app guest'
export const issueParts = `fragment IssueParts on Issue {
  id identifier title description url priority estimate createdAt updatedAt
  team { id key name } state { id name type } project { name } cycle { name number }
  assignee { ${person} } creator { ${person} } labels(first: 50) { nodes { id name } }
}`
export const commentParts = `fragment CommentParts on Comment { id body createdAt url user { ${person} } }`
export const historyParts = `fragment HistoryParts on IssueHistory {
  id createdAt updatedAt actor { ${person} } botActor { id name }
  fromAssigneeId toAssigneeId fromState { id name } toState { id name } addedLabels { id name } removedLabelIds
  toTitle updatedDescription descriptionUpdatedBy { ${person} }
}`

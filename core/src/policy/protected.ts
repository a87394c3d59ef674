/**
 * Which paths are protected in every repository?
 * Files that decide who reviews, what a build runs, and what an agent or an editor loads by itself. They hold whether or not a workflow names them.
 */

/** The agents' and editors' own settings, wherever they stand. */
const agents = [
  'AGENTS.md',
  'AGENT.md',
  'CLAUDE.md',
  'CLAUDE.local.md',
  'GEMINI.md',
  '.mcp.json',
  '.claude/**',
  '.codex/**',
  '.gemini/**',
  '.cursor/**',
  '.cursorrules',
  '.windsurf/**',
  '.windsurfrules',
  '.opencode/**',
  'opencode.json',
  'opencode.jsonc',
  '.aider.conf.yml',
  '.clinerules',
  '.continue/**',
  '.junie/**',
  '.kiro/**',
  '.roo/**',
  '.github/copilot-instructions.md',
]
/** What a machine runs by itself when the repository is opened, installed, committed or built. */
const runs = [
  '.vscode/**',
  '.idea/**',
  '.devcontainer/**',
  '.envrc',
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
  '.pnpmfile.cjs',
  'package.json',
  '.husky/**',
  '.githooks/**',
  'lefthook.yml',
  '.lefthook.yml',
  '.pre-commit-config.yaml',
  '.gitattributes',
  '.gitmodules',
  '.gitconfig',
  'Jenkinsfile',
  '.circleci/**',
  '.buildkite/**',
  '.gitlab/**',
  '.gitlab-ci.yml',
  '.travis.yml',
  'azure-pipelines.yml',
  'bitbucket-pipelines.yml',
  '.woodpecker/**',
  '.drone.yml',
  '.pypirc',
  'pip.conf',
  '.cargo/**',
  '.bazelrc',
]

/** Globs, matched without regard to case. */
export const alwaysProtected: readonly string[] = [
  '.github/**',
  '**/CODEOWNERS',
  '.viewport/**',
  ...[...agents, ...runs].map((name) => `**/${name}`),
]

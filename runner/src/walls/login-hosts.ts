/** Which hosts does an agent ask when it uses a login of its own? The policy that allows the login (`logins`) opens them for its steps. */
const hosts: Readonly<Record<string, readonly string[]>> = {
  claude: ['api.anthropic.com', 'console.anthropic.com', 'platform.claude.com', 'claude.ai'],
  codex: ['chatgpt.com', 'auth.openai.com', 'api.openai.com'],
  gemini: ['cloudcode-pa.googleapis.com', 'oauth2.googleapis.com', 'generativelanguage.googleapis.com'],
}

/** None for an agent that vpd knows no login of. */
export const loginHosts = (agent: string): readonly string[] => (Object.hasOwn(hosts, agent) ? hosts[agent]! : [])

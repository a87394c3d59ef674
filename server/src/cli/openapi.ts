/** `viewport openapi`: the description of the API, as docs/openapi.json holds it. */
import { openapiText } from '../http/openapi.ts'
import type { AddCommand } from './cli.ts'

export const addOpenapi: AddCommand = (program, cli) => {
  program
    .command('openapi')
    .description('print the OpenAPI 3.1 document of the API')
    .action(() => {
      const { terminal } = cli()
      const text = openapiText()
      terminal.give(JSON.parse(text), () => terminal.line(text.trimEnd()))
    })
}

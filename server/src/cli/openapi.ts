/** `viewport openapi`: the description of the API, as docs/openapi.json holds it. */
import { openapiText } from '../http/openapi.ts'
import type { AddCommand } from './cli.ts'

export const addOpenapi: AddCommand = (program) => {
  program
    .command('openapi')
    .description('print the OpenAPI 3.1 document of the API')
    .action(() => void process.stdout.write(openapiText()))
}

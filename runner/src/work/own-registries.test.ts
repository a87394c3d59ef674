import { expect, test } from 'vitest'
import { ownRegistries } from './own-registries.ts'

const npm = (text: string): string[] => ownRegistries({ npm: text, yarn: null, usesYarn: false })
const yarn = (text: string): string[] => ownRegistries({ npm: null, yarn: text, usesYarn: true })

test.each<[string, string[]]>([
  ['', []],
  ['fund=false\n# registry=https://no.example/\n; registry=https://no.example/', []],
  ['registry=https://npm.acme.example/', ['npm.acme.example']],
  ['registry = "http://127.0.0.2:4873/api/npm/"\r\nfund=false', ['127.0.0.2:4873']],
  ['registry=https://a.example/\nregistry=https://b.example/', ['b.example']],
  [
    '@acme:registry=https://npm.acme.example:8443/x/\n//npm.acme.example:8443/x/:_authToken=${TOKEN}',
    ['registry.npmjs.org', 'npm.acme.example:8443'],
  ],
  ['registry=${REGISTRY}\n@a:registry=ftp://a.example/\n@b:registry=https://[::1]/\n@c:registry=registries', []],
  ['registry=https://me:word@npm.acme.example/', ['npm.acme.example']],
])('.npmrc %j: %j', (text, hosts) => expect(npm(text)).toEqual(hosts))

test.each<[string, string[]]>([
  ['nodeLinker: node-modules', []],
  ['npmRegistryServer: "https://npm.acme.example"', ['npm.acme.example']],
  ['npmScopes:\n  acme:\n    npmRegistryServer: https://a.example', ['registry.yarnpkg.com', 'a.example']],
  ['{', []],
  ['- a', []],
  ['npmScopes: 3', []],
])('.yarnrc.yml %j: %j', (text, hosts) => expect(yarn(text)).toEqual(hosts))

test('a repository cannot fill the answer', () => {
  const many = Array.from({ length: 90 }, (_, n) => `@s${n}:registry=https://r${n}.example/`).join('\n')
  expect(npm(many)).toHaveLength(20)
})

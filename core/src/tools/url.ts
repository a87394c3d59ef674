/** What are the parts of an address? (WHATWG URL: the same in Node and in browsers; the language's own library does not declare it.) */
declare const URL: {
  new (text: string): {
    readonly protocol: string
    readonly host: string
    readonly hostname: string
    readonly pathname: string
    readonly origin: string
    readonly href: string
  }
  canParse(text: string): boolean
}
declare const URLSearchParams: new (values?: Readonly<Record<string, string>>) => {
  set(name: string, value: string): void
  toString(): string
}

const [Url, Params] = [URL, URLSearchParams]
export { Url as URL, Params as URLSearchParams }

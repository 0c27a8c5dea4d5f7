// GraphQL documents to a tree: operations, fragments, fields, aliases, arguments, variables, directives.

export class SyntaxProblem extends Error {}

const token_pattern =
  /[\s,\ufeff]+|#[^\n\r]*|(?<punct>\.\.\.|[!$&():=@[\]{}|])|(?<name>[_A-Za-z][_0-9A-Za-z]*)|(?<block>"""(?:\\"""|[^])*?""")|(?<string>"(?:\\.|[^"\\\n\r])*")|(?<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/gy;

function lex(text) {
  const result = [];
  token_pattern.lastIndex = 0;
  while (token_pattern.lastIndex < text.length) {
    const at = token_pattern.lastIndex;
    const match = token_pattern.exec(text);
    if (!match) fail(`Unexpected character ${JSON.stringify(text[at])}`, text, at);
    const kind = Object.keys(match.groups).find((x) => match.groups[x] !== undefined);
    if (kind) result.push({ kind, text: match[0], at });
  }
  result.push({ kind: 'end', text: 'end of file', at: text.length });
  return result;
}

function location(text, at) {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: before[before.length - 1].length + 1 };
}

function fail(message, text, at) {
  const problem = new SyntaxProblem(message);
  problem.location = location(text, at);
  throw problem;
}

class Parser {
  constructor(text) {
    this.text = text;
    this.tokens = lex(text);
    this.next = 0;
  }

  get token() {
    return this.tokens[this.next];
  }

  is(text) {
    return this.token.kind !== 'string' && this.token.kind !== 'block' && this.token.text === text;
  }

  take(text) {
    if (!this.is(text)) return false;
    ++this.next;
    return true;
  }

  expect(text) {
    if (!this.take(text)) fail(`syntax error, unexpected ${this.token.text}, expecting "${text}"`, this.text, this.token.at);
  }

  name() {
    if (this.token.kind !== 'name') fail(`syntax error, unexpected ${this.token.text}, expecting a name`, this.text, this.token.at);
    return this.tokens[this.next++].text;
  }

  many(open, close, read) {
    const result = [];
    this.expect(open);
    while (!this.take(close)) result.push(read());
    return result;
  }

  document() {
    const operations = [];
    const fragments = new Map();
    while (this.token.kind !== 'end') {
      if (this.is('fragment')) {
        const fragment = this.fragment();
        fragments.set(fragment.name, fragment);
      } else operations.push(this.operation());
    }
    if (!operations.length) fail('syntax error, unexpected end of file', this.text, this.text.length);
    return { operations, fragments };
  }

  operation() {
    if (this.is('{')) return { kind: 'query', name: null, variables: [], selections: this.selections() };
    const kind = this.name();
    if (!['query', 'mutation', 'subscription'].includes(kind))
      fail(`syntax error, unexpected ${kind}`, this.text, this.tokens[this.next - 1].at);
    const name = this.token.kind === 'name' ? this.name() : null;
    const variables = this.is('(') ? this.many('(', ')', () => this.variable_definition()) : [];
    this.directives();
    return { kind, name, variables, selections: this.selections() };
  }

  variable_definition() {
    this.expect('$');
    const name = this.name();
    this.expect(':');
    const type = this.type();
    const fallback = this.take('=') ? this.value() : undefined;
    this.directives();
    return { name, type, fallback };
  }

  type() {
    let result;
    if (this.take('[')) {
      result = `[${this.type()}]`;
      this.expect(']');
    } else result = this.name();
    return this.take('!') ? `${result}!` : result;
  }

  fragment() {
    this.expect('fragment');
    const name = this.name();
    this.expect('on');
    const on = this.name();
    this.directives();
    return { name, on, selections: this.selections() };
  }

  selections() {
    return this.many('{', '}', () => this.selection());
  }

  selection() {
    const place = location(this.text, this.token.at);
    if (this.take('...')) {
      if (this.token.kind === 'name' && !this.is('on')) return { kind: 'spread', name: this.name(), directives: this.directives(), place };
      const on = this.take('on') ? this.name() : null;
      return { kind: 'inline', on, directives: this.directives(), selections: this.selections(), place };
    }
    const first = this.name();
    const name = this.take(':') ? this.name() : first;
    const args = this.is('(') ? this.arguments() : {};
    const directives = this.directives();
    const selections = this.is('{') ? this.selections() : null;
    return { kind: 'field', alias: first, name, args, directives, selections, place };
  }

  arguments() {
    const result = {};
    for (const [name, value] of this.many('(', ')', () => this.argument())) result[name] = value;
    return result;
  }

  argument() {
    const name = this.name();
    this.expect(':');
    return [name, this.value()];
  }

  directives() {
    const result = [];
    while (this.take('@')) {
      const name = this.name();
      result.push({ name, args: this.is('(') ? this.arguments() : {} });
    }
    return result;
  }

  /** Values stay as nodes until variables are known: {variable}, {list}, {object}, {value}, {enum}. */
  value() {
    const { kind, text, at } = this.token;
    if (this.take('$')) return { variable: this.name() };
    if (this.is('[')) return { list: this.many('[', ']', () => this.value()) };
    if (this.is('{')) return { object: this.many('{', '}', () => this.argument()) };
    ++this.next;
    if (kind === 'number') return { value: Number(text) };
    if (kind === 'string') return { value: unquote(text, this.text, at) };
    if (kind === 'block') return { value: unblock(text) };
    if (kind === 'name')
      return ['true', 'false', 'null'].includes(text) ? { value: JSON.parse(text) } : { enum: text, value: text };
    return fail(`syntax error, unexpected ${text}`, this.text, at);
  }
}

function unquote(text, source, at) {
  try {
    return JSON.parse(text.replaceAll('\t', '\\t'));
  } catch {
    return fail('Bad escape in string', source, at);
  }
}

function unblock(text) {
  return text.slice(3, -3).replaceAll('\\"""', '"""').trim();
}

/** @throws SyntaxProblem with a location. */
export function parse(text) {
  return new Parser(text).document();
}

/** Puts variables into an argument tree. @returns a plain value; `undefined` for a variable that was not given. */
export function resolve(node, variables) {
  if ('variable' in node) return variables[node.variable];
  if ('list' in node) return node.list.map((x) => resolve(x, variables) ?? null);
  if ('object' in node) {
    const result = {};
    for (const [name, value] of node.object) {
      const plain = resolve(value, variables);
      if (plain !== undefined) result[name] = plain;
    }
    return result;
  }
  return node.value;
}

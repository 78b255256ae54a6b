// Hand-written JSON: its value, and the line on which each part of it begins, so that a fault can be told with its place. Knows no schema.

export interface LinedJson {
  readonly value: unknown;
  /** Line of a part by its path ("commands.0.keys"), counted from 1; a part that is not there has the line of what would hold it. */
  readonly lineOf: (path: string) => number;
}

/** A text that is no JSON: the message says why, `line` where. */
export class JsonFault extends Error {
  readonly line: number;
  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** A key with its colon, a text, a bracket or comma, or any other value. */
const TOKEN = /("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}[\],]|[^\s{}[\],:"]+/g;

/** @throws JsonFault */
export function parseWithLines(text: string): LinedJson {
  const value = parse(text);
  const lines = new Map<string, number>();
  /** What is open: its path, and key or index of its part that comes. */
  const open: { readonly path: string; part: string | number }[] = [];
  let line = 1;
  let seen = 0;
  for (const { 0: token, 1: key, index } of text.matchAll(TOKEN)) {
    line += text.slice(seen, index).split('\n').length - 1;
    seen = index;
    const inner = open.at(-1);
    if (inner !== undefined && key !== undefined) inner.part = JSON.parse(key);
    if (inner !== undefined && token === ',' && typeof inner.part === 'number') inner.part++;
    if (token === '}' || token === ']') open.pop();
    if (/^[}\],]$/.test(token)) continue;
    const path = inner === undefined ? '' : `${inner.path}${inner.path && '.'}${inner.part}`;
    if (!lines.has(path)) lines.set(path, line);
    if (token === '{' || token === '[') open.push({ path, part: token === '[' ? 0 : '' });
  }
  return { value, lineOf: (path) => nearest(lines, path) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const place = /\(line (\d+) column \d+\)/.exec(message);
    const line = place === null ? text.trimEnd().split('\n').length : Number(place[1]);
    throw new JsonFault(message.split(/, "| in JSON| \(line/)[0] ?? message, line);
  }
}

function nearest(lines: ReadonlyMap<string, number>, path: string): number {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
    const line = lines.get(at);
    if (line !== undefined) return line;
  }
  return 1;
}

// Fields of JSON that another version or a crash may have written: each has its type, or is empty.

export interface Fields {
  readonly text: (name: string) => string;
  readonly number: (name: string) => number;
  readonly value: (name: string) => unknown;
}

/** Null for what is no object. */
export function fieldsOf(json: unknown): Fields | null {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return null;
  const fields = json as Readonly<Record<string, unknown>>;
  return {
    text: (name) => (typeof fields[name] === 'string' ? fields[name] : ''),
    number: (name) => (typeof fields[name] === 'number' ? fields[name] : 0),
    value: (name) => fields[name],
  };
}

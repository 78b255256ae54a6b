/** FNV-1a, 32 bits, of its UTF-8 bytes: short and stable, to tell things apart that nobody forges. */
export function fnv1a(text: string): number {
  const bytes = new TextEncoder().encode(text);
  // signed until the end: V8 keeps a small integer where an unsigned one would be a number on the heap, for each byte
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return hash >>> 0;
}

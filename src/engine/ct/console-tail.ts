// The last lines that a container printed, for messages: cleaned, since whoever is inside wrote them.
import type { Host } from '../host/port.ts';
import type { NodeConfig } from '../store/node-config.ts';
import { runDirOf } from '../store/record.ts';

const LINES = 10;
const WIDTH = 200;

/** Everything but printable text goes: escape sequences whole, control characters, and characters that reorder or hide text. */
export function plainText(text: string): string {
  return text
    .replace(/\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b./gs, '')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu, '');
}

export function consoleTail(host: Host, node: NodeConfig, id: number): readonly string[] {
  const text = host.files.read(`${runDirOf(node, id)}/last`) ?? '';
  const lines = text.split(/\r?\n/).map((line) => plainText(line).trimEnd().slice(0, WIDTH));
  return lines.filter((line) => line !== '').slice(-LINES);
}

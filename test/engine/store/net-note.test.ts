// What is written of the networks of a node.
import { expect, test } from 'vitest';
import { linuxFiles } from '../../../src/engine/host/linux/files.ts';
import { type NodeNetNote, readNodeNetNote, writeNodeNetNote } from '../../../src/engine/store/net-note.ts';
import { loadNodeConfig } from '../../../src/engine/store/node-config.ts';

const NOTE: NodeNetNote = { namespace: 'net:[1]', users: [101, 102], switched: [], opened: { '4': [], '6': [] } };

test('the note of the node is written where it says something else, and goes with the last container', () => {
  const there = new Map<string, string>();
  const written: string[] = [];
  const files = {
    ...linuxFiles,
    read: (path: string) => there.get(path) ?? null,
    write(path: string, text: string) {
      there.set(path, text);
      written.push(path);
    },
    unlink: (path: string) => void there.delete(path),
  };
  const node = loadNodeConfig(files, '/p');
  for (const note of [NOTE, NOTE, { ...NOTE, users: [101] }, { ...NOTE, users: [101] }]) writeNodeNetNote({ files }, node, note);
  expect(written).toEqual(['/p/run/vzdeck/network', '/p/run/vzdeck/network']);
  expect(readNodeNetNote({ files }, node)).toEqual({ ...NOTE, users: [101] });
  writeNodeNetNote({ files }, node, null);
  expect([...there.keys()]).toEqual([]);
});

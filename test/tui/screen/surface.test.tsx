// <Surface> and <Floating> in a real Ink tree, with a compositor and without one.

import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { Box, type Instance, render, Text } from 'ink';
import type { ReactNode } from 'react';
import { afterEach, expect, test } from 'vitest';
import { Compositor } from '../../../src/tui/screen/compositor.ts';
import { InkStdin } from '../../../src/tui/screen/ink-stdin.ts';
import { type Screen, ScreenContext } from '../../../src/tui/screen/screen.ts';
import { Floating, Surface } from '../../../src/tui/screen/surface.tsx';
import { FakeOutput, FakeSource } from './fake-output.ts';

let ink: Instance | null = null;
let compositor: Compositor;
afterEach(() => {
  ink?.unmount();
  ink = null;
  compositor?.close();
});

async function draw(output: FakeOutput, node: ReactNode): Promise<readonly string[]> {
  const tree = (
    <ScreenContext value={{ layers: compositor } as unknown as Screen}>
      <Box width={compositor.columns} height={compositor.rows} flexDirection="column">
        {node}
      </Box>
    </ScreenContext>
  );
  if (ink === null) {
    ink = render(tree, {
      stdout: compositor as unknown as NodeJS.WriteStream,
      stdin: new InkStdin() as unknown as NodeJS.ReadStream,
      debug: true,
      interactive: true,
      exitOnCtrlC: false,
      patchConsole: false,
    });
  } else ink.rerender(tree);
  // Effects of the commit have run after a turn.
  await ink.waitUntilRenderFlush();
  compositor.flush();
  return output.screen();
}

function open(columns = 30, rows = 8): FakeOutput {
  const output = new FakeOutput(columns, rows);
  compositor = new Compositor(output);
  compositor.open('');
  return output;
}

test('a surface takes the place that the layout gives it, and follows it', async () => {
  const output = open();
  const source = new FakeSource('one', 'two', 'three', 'four', 'five', 'six', 'seven');
  const tree = (lines: number) => (
    <>
      <Text>{Array.from({ length: lines }, (_, i) => `head ${i}`).join('\n')}</Text>
      <Box flexGrow={1}>
        <Text>side </Text>
        <Surface source={source} />
      </Box>
      <Text>foot</Text>
    </>
  );
  expect(await draw(output, tree(1))).toEqual([
    'head 0',
    'side one',
    '     two',
    '     three',
    '     four',
    '     five',
    '     six',
    'foot',
  ]);
  expect(await draw(output, tree(3))).toEqual(['head 0', 'head 1', 'head 2', 'side one', '     two', '     three', '     four', 'foot']);
  expect(source.placements.at(-1)).toEqual({ x: 5, y: 3, width: 25, height: 4 });
});

test('a surface that leaves the tree leaves the screen', async () => {
  const output = open(20, 3);
  const source = new FakeSource('surface');
  expect(await draw(output, <Surface source={source} />)).toEqual(['surface', '', '']);
  expect(await draw(output, <Text>text</Text>)).toEqual(['text', '', '']);
  expect(source.listeners).toBe(0);
});

test('what floats lies over surfaces with all of its rectangle, blanks too', async () => {
  const output = open(12, 6);
  const source = new FakeSource(...Array.from({ length: 6 }, () => '............'));
  const tree = (floating: boolean) => (
    <>
      <Surface source={source} />
      {floating && (
        <Floating position="absolute" marginLeft={3} marginTop={1} width={6} height={3} borderStyle="classic">
          <Text>hi</Text>
        </Floating>
      )}
    </>
  );
  const bare = ['............', '............', '............', '............', '............', '............'];
  expect(await draw(output, tree(false))).toEqual(bare);
  expect(await draw(output, tree(true))).toEqual([
    '............',
    '...+----+...',
    '...|hi  |...',
    '...+----+...',
    '............',
    '............',
  ]);
  expect(await draw(output, tree(false))).toEqual(bare);
});

test('the cursor belongs to the surface that says so', async () => {
  const output = open(20, 4);
  const source = new FakeSource('$ ');
  source.at = { x: 2, y: 0 };
  await draw(
    output,
    <>
      <Text>head</Text>
      <Surface source={source} hasCursor />
    </>,
  );
  expect(output.cursor()).toEqual({ x: 2, y: 1 });
  expect(output.writes.join('')).toContain('\x1b[?25h');
});

test('without a compositor its rows are text, cut to their place and followed', async () => {
  const frames: string[] = [];
  const stdout = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        if (chunk.length > 0) frames.push(String(chunk));
        done();
      },
    }),
    { columns: 12, rows: 4 },
  );
  const source = new FakeSource('one', '\x1b[1mtwo\x1b[0m', 'three that is too wide to fit');
  ink = render(
    <Box width={12} height={4} flexDirection="column">
      <Text>head</Text>
      <Surface source={source} />
    </Box>,
    { stdout: stdout as unknown as NodeJS.WriteStream, debug: true, patchConsole: false, exitOnCtrlC: false },
  );
  await ink.waitUntilRenderFlush();
  expect(stripVTControlCharacters(frames.at(-1)!).split('\n')).toEqual(['head', 'one', 'two', 'three that …']);
  source.set('changed');
  await ink.waitUntilRenderFlush();
  expect(stripVTControlCharacters(frames.at(-1)!).split('\n')).toEqual(['head', 'changed', '', '']);
});

// The picture of a screen: what stands in a cell stands there in the picture, and nothing from a screen becomes markup.
import xterm from '@xterm/headless';
import { expect, test } from 'vitest';
import { BACKGROUND, screenCells } from '../../scripts/picture/cells.ts';
import { screenSvg } from '../../scripts/picture/svg.ts';

async function pictureOf(bytes: string): Promise<string> {
  const term = new xterm.Terminal({ cols: 12, rows: 2, allowProposedApi: true, logLevel: 'off' });
  await new Promise<void>((resolve) => term.write(bytes, resolve));
  const svg = screenSvg(screenCells(term), BACKGROUND, 'a & b');
  term.dispose();
  return svg;
}

test('a run of one look is one text at its place', async () => {
  const svg = await pictureOf('\x1b[2;3H\x1b[1;38;2;1;2;3mab c');
  expect(svg.match(/<text.*<\/text>/g)).toEqual([
    '<text x="16" y="30" fill="#010203" font-weight="bold" textLength="32" lengthAdjust="spacingAndGlyphs">ab c</text>',
  ]);
});

test('blocks are rectangles: from the left, from the bottom, whole', async () => {
  const svg = await pictureOf('\x1b[38;5;196m▌▂██');
  expect(svg.match(/<rect x.*\/>/g)).toEqual([
    '<rect x="0" y="0" width="4" height="17" fill="#ff0000"/>',
    '<rect x="8" y="12.75" width="8" height="4.25" fill="#ff0000"/>',
    '<rect x="16" y="0" width="16" height="17" fill="#ff0000"/>',
  ]);
});

test('lines are rectangles that meet in the middle of their cells', async () => {
  const svg = await pictureOf('\x1b[38;5;196m┏━━\x1b[2;1H┃┃');
  expect(
    svg
      .match(/<rect x.*\/>/g)
      ?.join('')
      .split(/(?<=>)/),
  ).toEqual([
    '<rect x="3" y="7.5" width="5" height="2" fill="#ff0000"/>',
    '<rect x="3" y="7.5" width="2" height="9.5" fill="#ff0000"/>',
    '<rect x="8" y="7.5" width="16" height="2" fill="#ff0000"/>',
    '<rect x="3" y="17" width="2" height="17" fill="#ff0000"/>',
    '<rect x="11" y="17" width="2" height="17" fill="#ff0000"/>',
  ]);
});

test('grounds are drawn, inverse turns colours around', async () => {
  const svg = await pictureOf('\x1b[48;2;9;9;9mx\x1b[0;7my');
  expect(svg).toContain('<rect x="0" y="0" width="8" height="17" fill="#090909"/>');
  expect(svg).toContain(`fill="${BACKGROUND}">y</text>`);
});

test('what a screen shows is text', async () => {
  const svg = await pictureOf('<b>&amp;');
  expect(svg).toContain('&lt;b&gt;&amp;amp;</text>');
  expect(svg).toContain('<title>a &amp; b</title>');
});

test('a wide character takes two cells', async () => {
  const svg = await pictureOf('漢x');
  expect(svg).toContain('textLength="24" lengthAdjust="spacingAndGlyphs">漢x</text>');
});

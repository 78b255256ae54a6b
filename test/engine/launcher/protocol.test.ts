import { describe, expect, test } from 'vitest';
import {
  decodeFailure,
  decodeStarted,
  decodeTree,
  encodeEnter,
  encodeOps,
  encodeStart,
  encodeTree,
  frame,
  MAX_FRAME,
  Reader,
  Unframer,
  Writer,
} from '../../../src/engine/launcher/protocol.ts';
import { NO_SLOT, type Op, type StartPlan, type TreeOp } from '../../../src/engine/spec/op.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('values', () => {
  test('come back as they went', () => {
    const bytes = new Writer().u8(255).u16(0xfffe).u32(0xffff_fffd).u64(0xffff_ffff_ffff_fffcn).bytes(Buffer.from('\0a')).done();
    const from = new Reader(bytes);
    expect([from.u8(), from.u16(), from.u32(), from.u64(), hex(from.bytes())]).toEqual([
      255,
      0xfffe,
      0xffff_fffd,
      0xffff_ffff_ffff_fffcn,
      '0061',
    ]);
    expect(() => from.u8()).toThrow(RangeError);
  });

  test('that do not fit are refused here, not cut', () => {
    expect(() => new Writer().u8(256)).toThrow(RangeError);
    expect(() => new Writer().u32(-1)).toThrow(RangeError);
    expect(() => new Writer().u32(1.5)).toThrow(RangeError);
    expect(() => new Writer().u64(-1n)).toThrow(RangeError);
    expect(() => new Writer().u64(1n << 64n)).toThrow(RangeError);
    expect(() => new Writer().text('a\0b')).toThrow(RangeError);
    expect(() => encodeOps([{ op: 'attach', slot: 64, path: '/' }])).toThrow(RangeError);
  });

  test('text is UTF-8 with its NUL; a buffer grows past its first size', () => {
    expect(hex(new Writer().text('ä').done())).toBe('02000000c3a400');
    const long = 'x'.repeat(5000);
    expect(new Writer().text(long).done().length).toBe(5005);
  });
});

describe('plans', () => {
  test('an operation is its code, its length and its arguments in the order of the table, whatever the order of the object', () => {
    const op = { mode: 0o755, path: '/a', op: 'mkdir' } as const satisfies Op;
    expect(hex(encodeOps([op]))).toBe(['0100', '0100', '0b000000', '02000000', '2f6100', 'ed010000'].join(''));
    const tree = { op: 'setTree', slot: 1, set: 2n, clear: 3n, propagation: 4n, userns: NO_SLOT } as const;
    expect(hex(encodeOps([tree]))).toBe(
      ['0100', '1200', '1a000000', '01', '0200000000000000', '0300000000000000', '0400000000000000', 'ff'].join(''),
    );
    expect(hex(encodeOps([{ op: 'exec', files: ['/i'], argv: [], env: [] }]))).toBe(
      ['0100', '5500', '13000000', '01000000', '02000000', '2f6900', '00000000', '00000000'].join(''),
    );
  });

  test('a start plan carries all its lists', () => {
    const plan: StartPlan = {
      id: 101,
      cloneFlags: 1n,
      creator: 2,
      sigpending: 3n,
      home: '/h',
      cgroup: '/cg',
      ttys: [{ number: 1, log: '', logBytes: 4 }],
      runDir: '/r',
      lease: '',
      onExit: [['/c']],
      onExitEnv: ['A=b'],
      prepare: [{ op: 'rmdir', path: '/p' }],
      become: [{ op: 'rmdir', path: '/m' }],
      born: [{ op: 'notePid', path: '/b' }],
      inside: [{ op: 'pivot' }],
      cleanup: [{ op: 'rmdir', path: '/x' }],
    };
    const bytes = Buffer.from(encodeStart(plan));
    const order = ['/h', '/cg', '/r', '/c', 'A=b', '/p', '/m', '/b', '/x'].map((text) => bytes.indexOf(`${text}\0`));
    expect(order.every((at) => at > 0)).toBe(true);
    expect([...order].sort((a, b) => a - b)).toEqual(order);
  });

  test('enter and tree plans', () => {
    expect(
      hex(
        encodeEnter({
          pid: 1,
          startTime: 2n,
          cgroup: '',
          pty: true,
          size: { columns: 80, rows: 24 },
          typed: Buffer.from('x'),
          back: null,
          ops: [],
        }),
      ),
    ).toBe(
      [
        '01000000',
        '0200000000000000',
        '0000000000',
        '01',
        '18005000',
        '01000000',
        '78',
        '00',
        '00',
        '00000000',
        '00000000',
        '0000000000',
        '0000',
      ].join(''),
    );
    expect(hex(encodeTree('/', [{ op: 'symlink', target: 't', path: 'p' }]))).toBe(
      ['01000000', '2f00', '0100', '06', '01000000', '7400', '01000000', '7000'].join(''),
    );
    expect(hex(encodeTree('/', [{ op: 'chown', path: 'p', uid: 5, gid: 6 }], 0x70000000))).toBe(
      ['01000000', '2f00', '0100', '08', '01000000', '7000', '05000000', '06000000', '00000070'].join(''),
    );
  });
});

describe('replies', () => {
  const text = (value: string) => new Writer().bytes(Buffer.from(value)).done();

  test('a failure is a record', () => {
    const reply = new Writer()
      .raw(text('born'))
      .u32(3)
      .raw(text('idmap'))
      .raw(text('write'))
      .raw(text('/proc/1/uid_map'))
      .raw(text('EPERM'));
    expect(decodeFailure(reply.done())).toEqual({
      stage: 'born',
      index: 3,
      op: 'idmap',
      syscall: 'write',
      path: '/proc/1/uid_map',
      errno: 'EPERM',
    });
  });

  test('a birth is two processes', () => {
    const reply = new Writer().u32(7).u64(8n).u32(9).u64(10n).done();
    expect(decodeStarted(reply)).toEqual({ init: { pid: 7, startTime: 8n }, keeper: { pid: 9, startTime: 10n } });
  });

  test('tree results by kind of operation', () => {
    const ops: readonly TreeOp[] = [
      { op: 'read', path: 'a', max: 9 },
      { op: 'list', path: 'a', max: 9 },
      { op: 'stat', path: 'a', follow: true },
      { op: 'readlink', path: 'a' },
      { op: 'remove', path: 'a' },
      { op: 'mkdir', path: 'a', mode: 0 },
    ];
    const reply = new Writer().u16(6);
    reply.u8(1).raw(text('data'));
    reply.u8(1).u32(2).raw(text('x')).raw(text('y'));
    reply.u8(1).u8(2).u32(0o777).u32(1).u32(2).u64(3n);
    reply.u8(1).raw(text('/t'));
    reply.u8(1);
    reply.u8(0).raw(text('EROFS'));
    const results = decodeTree(reply.done(), ops);
    expect(results).toMatchObject([
      { ok: true },
      { ok: true, names: ['x', 'y'] },
      { ok: true, stat: { type: 'link', mode: 0o777, uid: 1, gid: 2, size: 3 } },
      { ok: true, target: '/t' },
      { ok: true },
      { ok: false, errno: 'EROFS' },
    ]);
    expect(Buffer.from((results[0] as { data: Uint8Array }).data).toString()).toBe('data');
  });
});

describe('frames', () => {
  const frames = [frame(1, 2, Buffer.from('one')), frame(3, 0x81, Buffer.alloc(0)), frame(0xffff_ffff, 4, Buffer.alloc(70_000, 7))];
  const stream = Buffer.concat(frames);

  test.each([1, 2, 3, 11, 12, 13, 65_536, stream.length])('arrive whole however they are cut: %i bytes at a time', (size) => {
    const unframer = new Unframer();
    const out: { id: number; kind: number; length: number; first: number | undefined }[] = [];
    for (let at = 0; at < stream.length; at += size)
      for (const { id, kind, payload } of unframer.push(stream.subarray(at, at + size)))
        out.push({ id, kind, length: payload.length, first: payload[0] });
    expect(out).toEqual([
      { id: 1, kind: 2, length: 3, first: 0x6f },
      { id: 3, kind: 0x81, length: 0, first: undefined },
      { id: 0xffff_ffff, kind: 4, length: 70_000, first: 7 },
    ]);
  });

  test('are not made longer than the launcher takes', () => {
    expect(() => frame(1, 1, new Uint8Array(MAX_FRAME + 1))).toThrow(RangeError);
  });
});

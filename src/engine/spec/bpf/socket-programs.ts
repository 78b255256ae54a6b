// The programs that count a container's internet sockets and refuse those beyond its limits (numtcpsock, numothersock). One set for all
// containers, attached to the cgroup of each: the kernel runs them for a socket by the cgroup of who made it, whoever has it since, and gives
// each run the counters of the cgroup that they are attached to. Pure: bytes for bpf(2); who loads and attaches them is elsewhere.
//
// A socket that a call makes is charged by `create` and discharged by `release`, when its last descriptor goes. A connection that comes in is made
// by no call: `connection` charges it once it is established, to its listener's container; as soon as it has been accepted it is released as any
// other. One that ends before is discharged by its end, and marked, since it may be accepted all the same. Of SCTP and MPTCP nobody tells what comes in:
// it is not counted, and there the mark says which sockets were charged at all.
import { add, alu, assemble, atomic, call, exit, jump, type Line, load, map, mov, place, store, when } from './assemble.ts';
import type { Btf } from './btf.ts';
import { raise } from './raise.ts';
import { mapTypes, type TypeField } from './types.ts';

const HELPER = { callbackFlags: 59, groupStorage: 81, socketStorage: 107, tcpSocket: 137, verdict: 186, setVerdict: 187 } as const;

/** Offsets in struct bpf_sock and struct bpf_sock_ops (linux/bpf.h). */
const SOCK = { type: 8, protocol: 12 } as const;
const OPS = { op: 0, oldState: 4, newState: 8, flags: 84, sock: 184 } as const;
const TYPE = { stream: 1, datagram: 2, raw: 3 } as const;
const TCP = 6;
const EVENT = { established: 5, state: 10 } as const;
/** States in which a connection ends that nobody has closed. */
const STATE = { established: 1, synReceived: 3, close: 7, closeWait: 8 } as const;
/** BPF_SOCK_OPS_STATE_CB_FLAG */
const TELL_STATES = 4;
const ENOBUFS = 105;

/** Kinds of sockets, in the order of their fields. */
export const SOCKET_KINDS = ['numtcpsock', 'numothersock'] as const;
export const COUNT_FIELDS = ['held', 'maxheld', 'failcnt'] as const;
const WORD = 8;
const KIND_BYTES = COUNT_FIELDS.length * WORD;
const [HELD, MAXHELD, FAILCNT] = [0, WORD, 2 * WORD] as const;

const word = (name: string): TypeField => ({ name, size: WORD });
/** Keys are numbers of cgroups. */
export const COUNT_TYPES = mapTypes(
  WORD,
  'counts',
  SOCKET_KINDS.flatMap((kind) => COUNT_FIELDS.map((field) => word(`${kind}_${field}`))),
);
/** Per kind the first number that is too many; 0 for no limit. */
export const LIMIT_TYPES = mapTypes(WORD, 'limits', SOCKET_KINDS.map(word));
/** Keys are sockets. */
export const MARK_TYPES = mapTypes(4, 'mark', [word('marked')]);

/** Slots of the maps, as operations of the launcher have them. */
export interface SocketMaps {
  readonly counts: number;
  readonly limits: number;
  readonly marks: number;
}

/** Where the kernel keeps fields of its struct tcp_sock, in bytes from the beginning. */
export interface SockFields {
  /** The descriptor's side of it; 0 as long as nobody has accepted it. */
  readonly socket: number;
  /** It is one way of an MPTCP connection, and never released by a descriptor; null for a kernel without. */
  readonly mptcp: { readonly at: number; readonly mask: number } | null;
}

/** Names that `sockFields` asks for. */
export const SOCK_TYPES = ['sock', 'tcp_sock'] as const;

/** null when the kernel does not tell. A struct sock is the beginning of each struct tcp_sock. */
export function sockFields(btf: Btf): SockFields | null {
  const socket = btf.offset('sock', 'sk_socket');
  if (socket === null) return null;
  const [whole, bit] = [btf.offset('tcp_sock', 'is_mptcp'), btf.bit('tcp_sock', 'is_mptcp')];
  if (bit !== null) return { socket, mptcp: { at: Math.floor(bit / 8), mask: 1 << (bit % 8) } };
  return { socket, mptcp: whole === null ? null : { at: whole, mask: 0xff } };
}

/** On the stack: where the kind's counters begin. */
const KIND = -8;

const groupStorage = (slot: number): readonly Line[] => [map('r1', slot), mov('r2', 0), call(HELPER.groupStorage)];

/** r0 = the mark of the socket, or of the context, in `of`; 0 for none. */
const markOf = (slot: number, of: 'r6' | 'r7', make: 0 | 1): readonly Line[] => [
  mov('r2', of),
  map('r1', slot),
  mov('r3', 0),
  mov('r4', make),
  call(HELPER.socketStorage),
];

/** r8 = counters of the kind of the socket in r6, of those in r7. */
const kindOf: readonly Line[] = [
  mov('r8', 'r7'),
  store('fp', KIND, 0),
  load('r1', 'r6', SOCK.type, 4),
  when('r1', 'eq', TYPE.stream, 'kind'),
  store('fp', KIND, WORD),
  add('r8', KIND_BYTES),
  place('kind'),
];

/** Goes there when the socket in r6 is of a kind that can come in without a call, TCP apart. */
const whenComesIn = (to: string): readonly Line[] => [
  load('r1', 'r6', SOCK.type, 4),
  when('r1', 'eq', TYPE.datagram, 'by call'),
  when('r1', 'eq', TYPE.raw, 'by call'),
  load('r1', 'r6', SOCK.protocol, 4),
  when('r1', 'ne', TCP, to),
  place('by call'),
];

/** r9 = held of r8, which has become one more. */
const charge: readonly Line[] = [mov('r9', 1), atomic('fetchAdd', 'r8', HELD, 'r9'), add('r9', 1)];
const discharge: readonly Line[] = [mov('r1', -1), atomic('add', 'r8', HELD, 'r1')];

/** maxheld of r8 is r9 at least. */
const raised = raise('r8', MAXHELD, 'r9');

/** `verdicts`: the kernel lets a program say with which error it refuses, and tells what others before it have said (Linux 5.18). */
export const createProgram = (maps: SocketMaps, verdicts: boolean): Uint8Array =>
  assemble([
    mov('r6', 'r1'),
    // what somebody else's program has refused already is never made, and so never released
    ...(verdicts ? [call(HELPER.verdict), when('r0', 'ne', 0, 'allow')] : []),
    ...groupStorage(maps.counts),
    mov('r7', 'r0'),
    ...kindOf,
    ...charge,
    ...groupStorage(maps.limits),
    load('r1', 'fp', KIND),
    // no more than the verifier can see to lie within
    alu('and', 'r1', WORD),
    add('r0', 'r1'),
    load('r1', 'r0', 0),
    when('r1', 'eq', 0, 'within'),
    when('r9', 'sge', 'r1', 'refuse'),
    place('within'),
    ...whenComesIn('mark'),
    place('charged'),
    ...raised,
    place('allow'),
    mov('r0', 1),
    exit,
    place('mark'),
    ...markOf(maps.marks, 'r6', 1),
    when('r0', 'ne', 0, 'charged'),
    place('refuse'),
    ...discharge,
    mov('r1', 1),
    atomic('add', 'r8', FAILCNT, 'r1'),
    ...(verdicts ? [mov('r1', -ENOBUFS), call(HELPER.setVerdict)] : []),
    mov('r0', 0),
    exit,
  ]);

export const releaseProgram = (maps: SocketMaps): Uint8Array =>
  assemble([
    mov('r6', 'r1'),
    ...markOf(maps.marks, 'r6', 0),
    mov('r9', 'r0'),
    ...groupStorage(maps.counts),
    mov('r7', 'r0'),
    ...kindOf,
    ...whenComesIn('only marked'),
    when('r9', 'ne', 0, 'end'),
    place('discharge'),
    ...discharge,
    place('end'),
    mov('r0', 1),
    exit,
    place('only marked'),
    when('r9', 'ne', 0, 'discharge'),
    jump('end'),
  ]);

/** Goes to `end` unless the connection in the context of r6 has come in and is nobody's yet. r7 = its socket. */
const whenWaits = ({ socket, mptcp }: SockFields): readonly Line[] => [
  load('r1', 'r6', OPS.sock),
  when('r1', 'eq', 0, 'end'),
  mov('r7', 'r1'),
  call(HELPER.tcpSocket),
  when('r0', 'eq', 0, 'end'),
  ...(mptcp === null ? [] : [load('r1', 'r0', mptcp.at, 1), when('r1', 'set', mptcp.mask, 'end')]),
  load('r1', 'r0', socket),
  when('r1', 'ne', 0, 'end'),
];

export const connectionProgram = (maps: SocketMaps, fields: SockFields): Uint8Array =>
  assemble([
    mov('r6', 'r1'),
    load('r1', 'r6', OPS.op, 4),
    when('r1', 'eq', EVENT.established, 'established'),
    when('r1', 'ne', EVENT.state, 'end'),
    load('r1', 'r6', OPS.newState, 4),
    when('r1', 'ne', STATE.close, 'end'),
    load('r1', 'r6', OPS.oldState, 4),
    when('r1', 'eq', STATE.established, 'look'),
    when('r1', 'eq', STATE.closeWait, 'look'),
    when('r1', 'ne', STATE.synReceived, 'end'),
    place('look'),
    mov('r9', 0),
    jump('waits'),
    place('established'),
    mov('r9', 1),
    place('waits'),
    ...whenWaits(fields),
    when('r9', 'eq', 1, 'charge'),
    ...markOf(maps.marks, 'r7', 1),
    when('r0', 'eq', 0, 'end'),
    ...groupStorage(maps.counts),
    mov('r8', 'r0'),
    ...discharge,
    jump('end'),
    place('charge'),
    ...groupStorage(maps.counts),
    mov('r8', 'r0'),
    ...charge,
    ...raised,
    load('r2', 'r6', OPS.flags, 4),
    alu('or', 'r2', TELL_STATES),
    mov('r1', 'r6'),
    call(HELPER.callbackFlags),
    place('end'),
    mov('r0', 1),
    exit,
  ]);

// Twenty containers with the services that people run, each with all of them, at once: every one answers as its users would ask it.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';
import { provideStock, STOCK_TIMEOUT } from './stock.ts';

vi.setConfig({ testTimeout: 300_000 });

const IDS = Array.from({ length: 20 }, (_, i) => 101 + i);
/** Containers that boot or are asked at the same time: twenty boots at once take longer on an emulated machine than systemd waits for a unit. */
const AT_ONCE = 4;
/** Seconds for all that one container is asked, of which a minute may be that of cron: who is stuck then says what he has said. */
const LIMIT = 240 * Number(process.env['VZDECK_PATIENCE'] ?? 1);

/** Seconds for one boot: what waits in it longer has to be told, and will not come. */
const BOOT_LIMIT = 120 * Number(process.env['VZDECK_PATIENCE'] ?? 1);

interface Service {
  readonly service: string;
  /** Before the first boot, in bash. */
  readonly prepare?: (id: number) => string;
  /** Prints what the service answers. Waits where the service may need time, and for no longer than it is given. */
  readonly ask: (id: number) => string;
  readonly answer: (id: number) => string;
}

/** What is said to a port, and a line that the other side says then; the shell itself talks, since each program costs seconds on an emulated machine. */
const talk = (port: number, lines: string, wanted: string): string =>
  `until exec 3<>/dev/tcp/127.0.0.1/${port}; do sleep 0.5; done 2>/dev/null; ${lines && `printf '${lines}' >&3;`} while read -r line <&3; do case $line in ${wanted}) echo "$line"; break; esac; done; exec 3<&-`;

/** Answers carry the CTID where the service can say it, so that none answers for another. */
const SERVICES: readonly Service[] = [
  { service: 'ssh', ask: () => talk(22, '', 'SSH-*'), answer: () => 'SSH-2.0-OpenSSH' },
  {
    service: 'web',
    prepare: (id) => `echo page of ${id} >/var/www/html/index.html`,
    ask: () => talk(80, 'GET / HTTP/1.0\\r\\n\\r\\n', '*page*'),
    answer: (id) => `page of ${id}`,
  },
  {
    service: 'mail',
    prepare: () => 'useradd -m lab',
    // each line waits for the answer to the one before; what is refused for now is tried again, as mailers do
    ask: (id) =>
      `lines=('HELO lab' 'MAIL FROM:<root@localhost>' 'RCPT TO:<lab@localhost>' DATA $'Subject: mail of ${id}\\r\\n\\r\\n.' QUIT); until grep -rhs 'mail of' /home/lab/Maildir/new; do until exec 3<>/dev/tcp/127.0.0.1/25; do sleep 0.5; done 2>/dev/null; for line in "\${lines[@]}"; do read -t 20 -r answer <&3 || break; case $answer in [45]*) echo "refused: $answer";; esac; printf '%s\\r\\n' "$line" >&3; done; exec 3<&-; for wait in 1 2 3 4 5 6; do grep -qrs 'mail of' /home/lab/Maildir/new && break; sleep 0.5; done; done`,
    answer: (id) => `Subject: mail of ${id}`,
  },
  {
    service: 'dns',
    prepare: (id) => `echo address=/who.lab/192.0.2.${id} >/etc/dnsmasq.d/lab; echo nameserver 127.0.0.1 >/etc/resolv.conf`,
    ask: () => 'until getent hosts who.lab; do sleep 0.5; done',
    answer: (id) => `192.0.2.${id}`,
  },
  {
    service: 'syslog',
    ask: (id) => `logger -t lab line of ${id}; until grep -s 'lab: line of' /var/log/syslog; do sleep 0.5; done`,
    answer: (id) => `lab: line of ${id}`,
  },
  {
    service: 'cron',
    prepare: (id) => `echo '* * * * * root echo cron of ${id} >/run/cron-was-here' >/etc/cron.d/lab`,
    ask: () => 'until grep -s cron /run/cron-was-here; do sleep 0.5; done',
    answer: (id) => `cron of ${id}`,
  },
];

async function eachOf(ids: readonly number[], work: (id: number) => Promise<unknown>): Promise<void> {
  const left = [...ids];
  const worker = async (): Promise<void> => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) await work(id);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

requires(
  'root',
  'launcher',
  'services',
)('twenty containers with services', () => {
  let lab: Lab;
  /** What each said: a line with the service's name before what it answered. */
  const said = new Map<number, string>();
  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    await provideStock(lab.root, 'services');
    const values = { PHYSPAGES: '65536', NUMPROC: '400' };
    const prepare = (id: number): string => SERVICES.map((service) => service.prepare?.(id) ?? ':').join('\n');
    const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
    const booted = 'until systemctl is-system-running --wait 2>/dev/null | grep -qx "running\\|degraded"; do sleep 0.5; done';
    const stuck =
      'echo "failed unit: not up but $(systemctl is-system-running 2>&1), jobs: $(systemctl list-jobs --no-legend --plain 2>&1)"';
    const boots = new Map<number, string>();
    await eachOf(IDS, async (id) => {
      await lab.engine.create(id, { ostemplate: 'services', layout: 'overlay', values }, lab.run);
      await lab.engine.start(id, {}, lab.run);
      const line = `${prepare(id)}\ntimeout ${BOOT_LIMIT} bash -c ${quoted(booted)} || ${stuck}`;
      boots.set(id, (await lab.inside(id, line)).out);
    });
    const failed = "systemctl --failed --no-legend --plain | sed 's/^/failed unit: /'";
    const asks = (id: number): string => SERVICES.map(({ service, ask }) => `echo "${service}: $(${ask(id)})"`).join('\n');
    const ask = (id: number): string => `timeout ${LIMIT} bash -c ${quoted(asks(id))}`;
    await eachOf(IDS, async (id) => void said.set(id, `${boots.get(id)}\n${(await lab.inside(id, `${failed}\n${ask(id)}`)).out}`));
  }, 2 * STOCK_TIMEOUT);
  afterAll(() => lab.down(), STOCK_TIMEOUT);

  test('all boot with no failed unit', () => {
    expect([...said].filter(([, text]) => text.includes('failed unit'))).toEqual([]);
  });

  test.each(SERVICES)('$service answers in each of them', ({ service, answer }) => {
    const lineOf = (text: string): string => text.split('\n').find((line) => line.startsWith(`${service}: `)) ?? text;
    const wrong = [...said].filter(([id, text]) => !lineOf(text).includes(answer(id))).map(([id, text]) => [id, lineOf(text)]);
    expect(said.size).toBe(IDS.length);
    expect(wrong).toEqual([]);
  });

  test('nothing was refused meanwhile, and all end when they are asked', async () => {
    const counted = lab.engine.beancounters(IDS, ['numproc', 'oomguarpages']);
    expect(counted.size).toBe(IDS.length);
    expect([...counted].filter(([, counters]) => [...counters.values()].some(({ failcnt = 0 }) => failcnt > 0))).toEqual([]);
    lab.said();
    await eachOf(IDS, (id) => lab.engine.stop(id, {}, lab.run));
    expect(lab.said().join('\n')).not.toMatch(/kill/i);
    expect(lab.engine.list().filter((ct) => ct.state !== 'stopped')).toEqual([]);
  });
});

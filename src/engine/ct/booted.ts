// start --wait: when is the boot inside over? Asked of the init that is there, by a shell inside that waits in the container's own time.
import { VzError } from '../errors.ts';
import { liveInit } from '../store/record.ts';
import { joinWithin, SHELLS } from './enter.ts';
import type { VerbContext } from './verb.ts';

const HOUR = 3600;

/**
 * systemd tells itself when its start-up queue is empty. Other inits run their boot scripts to the end before they start a getty, so a
 * getty or a usual daemon is the sign. The limit of an hour is vzctl's.
 */
const SCRIPT = `
end=$(( $(cut -d. -f1 /proc/uptime) + ${HOUR} ))
while [ "$(cut -d. -f1 /proc/uptime)" -lt $end ]; do
  if [ -d /run/systemd/system ]; then
    case $(systemctl is-system-running --wait 2>/dev/null) in running|degraded) exit 0;; esac
  else
    for p in /proc/[0-9]*; do
      case $(tr '\\0' ' ' 2>/dev/null <$p/cmdline) in *getty*|*login*|-sh*|*syslogd*|*cron*) exit 0;; esac
    done
  fi
  sleep 0.2 2>/dev/null || sleep 1
done
exit 1
`;

/** Throws VzError 'wait-failed' (133). */
export async function waitBooted(context: VerbContext, id: number): Promise<void> {
  const init = liveInit(context.host, context.node, id);
  if (!init) throw new VzError('wait-failed');
  const outcome = await joinWithin(2 * HOUR * 1000, context, id, init, {
    argv: ['sh', '-c', SCRIPT],
    files: SHELLS.slice(1),
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const code = outcome ? outcome.code : 1;
  if (code !== 0) throw new VzError('wait-failed', { cause: code === 1 ? 'timeout expired' : '' });
}

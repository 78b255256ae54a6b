// Sample configs: one that a container is compared with, and one that is made of it.
import { sampleNameFault } from '../../engine/index.ts';
import { lineInput } from '../forms/line-input.ts';
import { subjectOf } from '../keys/subject.ts';
import { failureOf } from '../store/failure.ts';
import { listingOf } from '../store/listing.ts';
import type { Act } from './act-lists.ts';
import type { Manager } from './manager.ts';

/** The one that it was made from is the first to be offered. */
function choose({ store, engine }: Manager): void {
  const state = store.getState();
  if (state.compare !== null) {
    store.setState({ compare: null });
    return;
  }
  const samples = engine().samples();
  if (samples.length === 0) {
    store.setState({ hint: 'There is no sample config on this node; S makes one of this container' });
    return;
  }
  const origin = state.looked.parameters?.find(({ key }) => key === 'ORIGIN_SAMPLE')?.file;
  const chosen = Math.max(
    0,
    samples.findIndex(({ name }) => name === origin),
  );
  store.setState({ overlay: { kind: 'samples', samples, chosen } });
}

function compare({ store }: Manager): void {
  const state = store.getState();
  const { overlay } = state;
  if (overlay?.kind !== 'samples') return;
  store.setState({
    overlay: null,
    compare: overlay.samples[overlay.chosen] ?? null,
    listing: { ...listingOf(state), key: '', index: 0, top: 0, find: lineInput() },
  });
}

function askName({ store }: Manager): void {
  const ct = subjectOf(store.getState());
  if (ct !== null) store.setState({ overlay: { kind: 'sample-name', ct: ct.id, input: lineInput(ct.name), trouble: '' } });
}

async function make({ store, engine }: Manager): Promise<void> {
  const { overlay } = store.getState();
  if (overlay?.kind !== 'sample-name') return;
  const name = overlay.input.text.trim();
  const trouble = sampleNameFault(name);
  if (trouble !== '') {
    store.setState({ overlay: { ...overlay, trouble } });
    return;
  }
  try {
    await engine().makeSample(overlay.ct, name, { command: '' });
    store.setState(({ notices, now }) => ({
      overlay: null,
      notices: [
        ...notices,
        {
          at: now,
          ct: overlay.ct,
          tone: 'good',
          text: `The sample ${name} is made of ${overlay.ct}`,
          command: `vzctl create CTID --config ${name}`,
        },
      ],
    }));
  } catch (error) {
    const { message } = failureOf(error, overlay.ct);
    store.setState((state) => (state.overlay === overlay ? { overlay: { ...overlay, trouble: message } } : { hint: message }));
  }
}

export const SAMPLE_ACTS = {
  compare: choose,
  'compare-choose': compare,
  'samples-leave': ({ store }) => store.setState({ overlay: null }),
  'sample-make': askName,
  'sample-make-go': (m) => void make(m),
} as const satisfies Partial<Record<string, Act>>;

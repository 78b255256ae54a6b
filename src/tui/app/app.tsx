// The screen as a whole: head, body by view, foot, and what floats above them.
import { Box, useWindowSize } from 'ink';
import { type ReactNode, useEffect, useLayoutEffect, useMemo } from 'react';
import { topView } from '../keys/mode.ts';
import { Surface } from '../screen/surface.tsx';
import { withRows } from '../store/ingest.ts';
import { layoutOf } from '../store/layout.ts';
import type { ManagerState, Overlay } from '../store/state.ts';
import { AskDialog } from '../views/ask-dialog.tsx';
import { bulkLines } from '../views/bulk-lines.ts';
import { changesLines } from '../views/changes-lines.ts';
import { Columns } from '../views/columns.tsx';
import { Confirm } from '../views/confirm.tsx';
import { ConsoleTab } from '../views/console-tab.tsx';
import { containerLines } from '../views/container-lines.ts';
import { Create } from '../views/create.tsx';
import { footLines } from '../views/foot-lines.ts';
import { headerLine } from '../views/header-line.ts';
import { Help } from '../views/help.tsx';
import { ItemsDialog } from '../views/items-dialog.tsx';
import { journalLines } from '../views/journal-lines.ts';
import { madeLines } from '../views/made-lines.ts';
import { nodeNetworkLines } from '../views/node-network-lines.ts';
import { nodeProcessLines } from '../views/node-process-lines.ts';
import { Palette } from '../views/palette.tsx';
import { paneList } from '../views/pane-lines.ts';
import { Panes } from '../views/panes.tsx';
import { ParameterDialog } from '../views/parameter-dialog.tsx';
import { SampleNameDialog, SamplesDialog } from '../views/samples-dialog.tsx';
import { SaveDialog } from '../views/save-dialog.tsx';
import { ReniceDialog, SignalDialog } from '../views/signal-dialog.tsx';
import { tabLines } from '../views/tab-lines.ts';
import { tableLines } from '../views/table-lines.ts';
import { tasksLines } from '../views/task-lines.ts';
import { taskLogLines } from '../views/task-log-lines.ts';
import { TemplateDialog } from '../views/template-dialog.tsx';
import { templatesLines } from '../views/template-lines.ts';
import { troubleLines } from '../views/trouble-lines.ts';
import { ubcGridLines } from '../views/ubc-grid-lines.ts';
import { whyLines } from '../views/why-lines.ts';
import { useTour } from './act-tour.ts';
import { useConfigured } from './configured.ts';
import { inspect } from './inspect.ts';
import { type Compose, lineSource } from './line-source.ts';
import { type Manager, ManagerContext, useManager, useManagerState } from './manager.ts';
import { watchConflicts } from './watched-conflict.ts';
import { watchConsoles } from './watched-console.ts';

const body: Compose = (state, width, height, theme) => {
  const view = topView(state);
  if (view.name === 'container') return tabLines(state, view.ct, width, height, theme);
  if (view.name === 'node-processes') return nodeProcessLines(state, width, height, theme);
  if (view.name === 'bulk') return bulkLines(state, view.chosen, width, height, theme);
  if (view.name === 'task-log') return taskLogLines(state, width, height, theme);
  if (view.name === 'node-beans') return ubcGridLines(state, width, height, theme);
  if (view.name === 'node-network') return nodeNetworkLines(state, width, height, theme);
  if (view.name === 'why') return whyLines(state, view.ct, width, height, theme);
  if (view.name === 'journal') return journalLines(state, width, height, theme);
  if (view.name === 'tasks') return tasksLines(state, width, height, theme);
  if (view.name === 'trouble') return troubleLines(state, view, width, height, theme);
  if (view.name === 'changes') return changesLines(state, view, width, height, theme);
  if (view.name === 'made') return madeLines(state, view, width, height, theme);
  if (view.name === 'templates') return templatesLines(state, width, height, theme);
  return tableLines(state, width, height, theme);
};
const head: Compose = (state, width, _height, theme) => [
  headerLine(state, width, theme),
  topView(state).name === 'panes' ? paneList(state, width, theme) : '',
];
const foot: Compose = (state, width, _height, theme) => footLines(state, width, theme);
const beside: Compose = (state, width, height, theme) => {
  const lines = containerLines(state, state.cursor.ct, width - 2, height, theme);
  return Array.from({ length: height }, (_, i) => `${theme.paint('border', theme.glyphs.vertical)} ${lines[i] ?? ''}`);
};

/** Made once: the compositor knows a surface by its source. */
function useSources() {
  const { store, theme } = useManager();
  return useMemo(() => {
    const of = (compose: Compose) => lineSource(store, theme, compose);
    return { head: of(head), body: of(body), foot: of(foot), beside: of(beside) };
  }, [store, theme]);
}

/** The state follows the terminal's size before anything is drawn in it. */
function useSize(): void {
  const { store } = useManager();
  const { columns, rows } = useWindowSize();
  useLayoutEffect(() => {
    store.setState((state) => {
      if (state.size.columns === columns && state.size.rows === rows) return state;
      const size = { columns, rows };
      return { size, ...withRows({ ...state, size }) };
    });
  }, [store, columns, rows]);
}

/** What views read themselves, as long as they are on the screen. */
function useInspection(): void {
  const { store, engine, panes } = useManager();
  useEffect(() => inspect(store, engine), [store, engine]);
  useEffect(() => watchConflicts(store, engine), [store, engine]);
  useEffect(() => watchConsoles(store, panes.watched, engine), [store, panes, engine]);
}

const bodyKind = (state: ManagerState): 'create' | 'panes' | 'lines' => {
  const { name } = topView(state);
  return name === 'create' || name === 'panes' ? name : 'lines';
};

function Floats({ overlay }: { readonly overlay: Overlay | null }): ReactNode {
  if (overlay === null) return null;
  if (overlay.kind === 'help') return <Help top={overlay.top} />;
  if (overlay.kind === 'signal') return <SignalDialog />;
  if (overlay.kind === 'renice') return <ReniceDialog input={overlay.input} trouble={overlay.trouble} />;
  if (overlay.kind === 'save') return <SaveDialog {...overlay} />;
  if (overlay.kind === 'confirm') return <Confirm question={overlay.question} />;
  if (overlay.kind === 'columns') return <Columns input={overlay.input} chosen={overlay.chosen} />;
  if (overlay.kind === 'ask') return <AskDialog action={overlay.action} input={overlay.input} trouble={overlay.trouble} />;
  if (overlay.kind === 'items') return <ItemsDialog form={overlay.form} />;
  if (overlay.kind === 'parameter') return <ParameterDialog form={overlay.form} />;
  if (overlay.kind === 'samples') return <SamplesDialog {...overlay} />;
  if (overlay.kind === 'sample-name') return <SampleNameDialog {...overlay} />;
  if (overlay.kind === 'palette') return <Palette input={overlay.input} chosen={overlay.chosen} />;
  return <TemplateDialog choice={overlay} />;
}

function Whole(): ReactNode {
  useSize();
  useConfigured();
  useTour();
  useInspection();
  const sources = useSources();
  const overlay = useManagerState((state) => state.overlay);
  const kind = useManagerState(bodyKind);
  const zoomed = useManagerState((state) => state.zoomed && bodyKind(state) === 'panes');
  const headHeight = useManagerState((state) => layoutOf(state).head);
  const footHeight = useManagerState((state) => layoutOf(state).foot);
  const aside = useManagerState((state) => (topView(state).name === 'table' && state.rows.length > 0 ? layoutOf(state).aside : 0));
  return (
    <Box flexDirection="column" flexGrow={1}>
      {!zoomed && headHeight > 0 && <Surface source={sources.head} flexGrow={0} flexShrink={0} height={headHeight} />}
      {kind === 'create' && <Create />}
      {kind === 'panes' && <Panes />}
      {kind === 'lines' && (
        <Box flexGrow={1}>
          <Surface source={sources.body} />
          <ConsoleTab />
          {aside > 0 && <Surface source={sources.beside} flexGrow={0} flexShrink={0} width={aside} />}
        </Box>
      )}
      {!zoomed && footHeight > 0 && <Surface source={sources.foot} flexGrow={0} flexShrink={0} height={footHeight} />}
      <Floats overlay={overlay} />
    </Box>
  );
}

export function App({ manager }: { readonly manager: Manager }): ReactNode {
  return (
    <ManagerContext value={manager}>
      <Whole />
    </ManagerContext>
  );
}

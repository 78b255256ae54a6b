// What each action does, and the one door to it: read-only mode, busy states and questions are checked here for keys, mouse and menus alike.

import { judge, judgeAnswer, type Verdict } from '../keys/dispatch.ts';
import { type ActionId, actionOf, isActionId } from '../keys/table.ts';
import { COLUMN_ACTS } from './act-columns.ts';
import { CONTAINER_ACTS } from './act-containers.ts';
import { COPY_ACTS } from './act-copy.ts';
import { FORM_ACTS } from './act-forms.ts';
import { GRID_ACTS } from './act-grid.ts';
import { ITEM_ACTS } from './act-items.ts';
import { JOURNAL_ACTS } from './act-journal.ts';
import { type Act, LIST_ACTS } from './act-lists.ts';
import { MADE_ACTS } from './act-made.ts';
import { MARK_ACTS, markRest } from './act-marks.ts';
import { NETWORK_ACTS } from './act-network.ts';
import { answerOwn, askedOwn, runOwn, startOwn } from './act-own.ts';
import { leavePalette, PALETTE_ACTS } from './act-palette.ts';
import { PANE_ACTS } from './act-panes.ts';
import { PARAMETER_ACTS } from './act-parameters.ts';
import { SAMPLE_ACTS } from './act-samples.ts';
import { SCREEN_ACTS } from './act-screen.ts';
import { SET_ACTS } from './act-set.ts';
import { TABLE_ACTS } from './act-table.ts';
import { TEMPLATE_ACTS } from './act-templates.ts';
import { TOUR_ACTS } from './act-tour.ts';
import { UBC_ACTS } from './act-ubc.ts';
import { VIEW_ACTS } from './act-views.ts';
import { WHY_ACTS } from './act-why.ts';
import type { Manager } from './manager.ts';

const ACTS: Readonly<Record<ActionId, Act>> = {
  ...LIST_ACTS,
  ...TABLE_ACTS,
  ...COLUMN_ACTS,
  ...VIEW_ACTS,
  ...CONTAINER_ACTS,
  ...MARK_ACTS,
  ...FORM_ACTS,
  ...MADE_ACTS,
  ...TEMPLATE_ACTS,
  ...TOUR_ACTS,
  ...JOURNAL_ACTS,
  ...PALETTE_ACTS,
  ...PANE_ACTS,
  ...COPY_ACTS,
  ...PARAMETER_ACTS,
  ...ITEM_ACTS,
  ...SET_ACTS,
  ...SAMPLE_ACTS,
  ...UBC_ACTS,
  ...GRID_ACTS,
  ...NETWORK_ACTS,
  ...WHY_ACTS,
  ...SCREEN_ACTS,
  yes: confirm,
  'yes-enter': confirm,
  'bulk-retry': (manager) => {
    const action = markRest(manager);
    if (action !== null) perform(manager, action);
  },
  'ask-go': (manager) => answerOwn(manager, (command, answer) => void runOwn(manager, command, answer)),
  'palette-go': (manager) => {
    const action = leavePalette(manager);
    if (action !== null) perform(manager, action);
  },
};

/** Does the action, asks before, or says why not. */
export function perform(manager: Manager, action: string, key = ''): void {
  // A question speaks of what runs in panes now.
  if (actionOf(manager.store.getState(), action)?.danger !== undefined) manager.panes.look();
  follow(manager, judge(manager.store.getState(), action), key);
}

function follow(manager: Manager, verdict: Verdict, key = ''): void {
  const { store } = manager;
  const own = actionOf(store.getState(), verdict.action)?.own;
  if (verdict.kind === 'refuse') store.setState({ hint: verdict.reason });
  else if (verdict.kind === 'ask') {
    const question = own === undefined ? verdict.question : askedOwn(manager, own, verdict.question);
    store.setState({ overlay: { kind: 'confirm', action: verdict.action, question } });
  } else if (own !== undefined) startOwn(manager, verdict.action, own);
  else if (isActionId(verdict.action)) ACTS[verdict.action](manager, key);
}

/** The question is answered; its subject may have changed while it stood there. */
function confirm(manager: Manager): void {
  const { overlay } = manager.store.getState();
  if (overlay?.kind !== 'confirm') return;
  manager.store.setState({ overlay: null });
  follow(manager, judgeAnswer(manager.store.getState(), overlay.action, overlay.question));
}
